import { beforeEach, describe, expect, test } from '@jest/globals';
import { LoginThrottle, originOf } from './login-throttle.ts';

const MINUTE_MS = 60_000;
const ANNA = { address: '192.0.2.1', username: 'anna' };

describe('LoginThrottle', () => {
  let nowMs: number;
  let throttle: LoginThrottle;

  beforeEach(() => {
    nowMs = 1_000_000;
    throttle = new LoginThrottle({ now: () => nowMs });
  });

  const fail = (times: number, attempt = ANNA) => {
    for (let count = 0; count < times; count += 1) throttle.recordFailure(attempt);
  };

  test('two failures are free, then the delay doubles up to 8 s', () => {
    const delays = Array.from({ length: 10 }, () => {
      fail(1);
      return throttle.delayMs(ANNA);
    });
    expect(delays).toEqual([0, 0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test('one failure is forgiven per minute, and all after a while, however many there were', () => {
    fail(4);
    nowMs += MINUTE_MS;
    expect(throttle.delayMs(ANNA)).toBe(250);
    fail(1000);
    expect(throttle.delayMs(ANNA)).toBe(8000);
    nowMs += 16 * MINUTE_MS;
    expect(throttle.delayMs(ANNA)).toBe(0);
  });

  test('a clock that is set back makes no failure more', () => {
    fail(3);
    nowMs -= 60 * MINUTE_MS;
    expect(throttle.delayMs(ANNA)).toBe(250);
  });

  test('a success forgives', () => {
    fail(5);
    throttle.recordSuccess(ANNA);
    expect(throttle.delayMs(ANNA)).toBe(0);
  });

  test('the username counts ignoring case', () => {
    fail(3);
    expect(throttle.delayMs({ ...ANNA, username: 'ANNA' })).toBe(250);
  });

  test('others at the address, and the same name elsewhere, are not held up', () => {
    fail(5);
    expect(throttle.delayMs({ ...ANNA, username: 'bert' })).toBe(0);
    expect(throttle.delayMs({ ...ANNA, address: '192.0.2.2' })).toBe(0);
  });

  test('an address that tries many names is held up, and an account of its own does not help', () => {
    for (let count = 0; count < 11; count += 1) {
      throttle.recordFailure({ ...ANNA, username: `user${count}` });
      throttle.recordSuccess({ ...ANNA, username: 'own' });
    }
    expect(throttle.delayMs({ ...ANNA, username: 'own' })).toBe(250);
  });

  test('a flood of addresses pushes out the oldest failures, not the latest', () => {
    fail(5, { address: '192.0.2.9', username: 'old' });
    for (let count = 0; count < 20_000; count += 1) {
      throttle.recordFailure({ address: `10.0.${count >> 8}.${count & 255}`, username: 'x' });
      if (count % 1000 === 0) fail(1);
    }
    expect(throttle.delayMs({ address: '192.0.2.9', username: 'old' })).toBe(0);
    expect(throttle.delayMs(ANNA)).toBe(8000);
  });
});

describe('originOf', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::1', '::/64'],
    ['', ''],
  ])('%s belongs to %s', (address, origin) => {
    expect(originOf(address)).toBe(origin);
  });
});
