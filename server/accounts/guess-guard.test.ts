import { describe, expect, jest, test } from '@jest/globals';
import { LoginRefusedError } from '../errors/errors.ts';
import { GuessGuard } from './guess-guard.ts';
import { LoginThrottle } from './login-throttle.ts';

function setUp() {
  const throttle = new LoginThrottle({ now: () => 0 });
  const guard = new GuessGuard({ throttle });
  const guess = (result: boolean | Error, address = '10.0.0.1') =>
    guard.run(
      { address, username: 'anna' },
      async () => {
        if (result instanceof Error) throw result;
        return result;
      },
      Boolean,
    );
  const delayMs = () => throttle.delayMs({ address: '10.0.0.1', username: 'anna' });
  return { guard, guess, delayMs };
}

describe('GuessGuard', () => {
  test('a burst of one origin runs one by one, each delayed by those before it', async () => {
    jest.useFakeTimers();
    try {
      const { guess } = setUp();
      let ended = 0;
      const burst = Array.from({ length: 90 }, () => guess(false).then(() => (ended += 1)));
      await jest.advanceTimersByTimeAsync(0);
      expect(ended).toBe(3);
      await jest.advanceTimersByTimeAsync(250);
      expect(ended).toBe(4);
      await jest.advanceTimersByTimeAsync(500);
      expect(ended).toBe(5);
      await jest.advanceTimersByTimeAsync(90 * 8000);
      await Promise.all(burst);
      expect(ended).toBe(90);
    } finally {
      jest.useRealTimers();
    }
  });

  test('another origin waits for none of them', async () => {
    const { guess } = setUp();
    for (let count = 0; count < 20; count += 1) void guess(false);
    expect(await guess(true, '10.0.0.2')).toBe(true);
  });

  test('what was right, or could not be checked, is no failure', async () => {
    const { guess, delayMs } = setUp();
    for (let count = 0; count < 20; count += 1) await guess(true);
    for (let count = 0; count < 20; count += 1) {
      await expect(guess(new Error('busy'))).rejects.toThrow('busy');
    }
    expect(delayMs()).toBe(0);
    for (let count = 0; count < 3; count += 1) await guess(false);
    expect(delayMs()).toBeGreaterThan(0);
  });

  test('counts an attempt from its beginning', async () => {
    const { guard, delayMs } = setUp();
    let delayWhileChecking = 0;
    const attempt = { address: '10.0.0.1', username: 'anna' };
    const check = async () => {
      delayWhileChecking = delayMs();
      return false;
    };
    for (let count = 0; count < 3; count += 1) await guard.run(attempt, check, Boolean);
    expect(delayWhileChecking).toBe(250);
  });

  test('refuses an origin that has very many waiting', async () => {
    const { guess } = setUp();
    const attempts = Array.from({ length: 200 }, () => guess(false));
    const refused = attempts.pop();
    for (const attempt of attempts) attempt.catch(() => undefined);
    await expect(refused).rejects.toThrow(LoginRefusedError);
  });
});
