import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseOptions } from '@node-rs/argon2';
import { LoginRefusedError } from '../errors/errors.ts';
import { type Argon2, PasswordHash } from './password-hash.ts';

const ANNA = {
  origin: '127.0.0.1',
  username: 'anna',
  storedHash: 'hash of 12345678',
  password: '12345678',
};

describe('PasswordHash with Argon2', () => {
  const passwords = new PasswordHash({ now: Date.now });

  test('the password matches its hash, another does not', async () => {
    const storedHash = await passwords.hash('pässword');
    expect(await passwords.verify({ ...ANNA, storedHash, password: 'pässword' })).toBe(true);
    expect(await passwords.verify({ ...ANNA, storedHash, password: 'password' })).toBe(false);
  });

  test('hashes are Argon2id of at least the cost that OWASP asks for, each with its own salt', async () => {
    const hashes = await Promise.all([passwords.hash('12345678'), passwords.hash('12345678')]);
    expect(hashes[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hashes[0]).not.toBe(hashes[1]);
  });
});

describe('PasswordHash', () => {
  let nowMs: number;
  let checked: string[];
  let passwords: PasswordHash;

  beforeEach(() => {
    nowMs = 0;
    checked = [];
    passwords = new PasswordHash({ now: () => nowMs, argon2: double });
  });

  const double: Argon2 = {
    hash: async (password) => `hash of ${password}`,
    verify: async (storedHash, password) => {
      checked.push(storedHash);
      return storedHash === `hash of ${password}`;
    },
  };

  test('a success is remembered for five minutes', async () => {
    expect(await passwords.verify(ANNA)).toBe(true);
    nowMs += 5 * 60_000 - 1;
    expect(await passwords.verify(ANNA)).toBe(true);
    expect(checked).toHaveLength(1);
    nowMs += 1;
    expect(await passwords.verify(ANNA)).toBe(true);
    expect(checked).toHaveLength(2);
  });

  test('a failure is not remembered', async () => {
    expect(await passwords.verify({ ...ANNA, password: 'wrong' })).toBe(false);
    expect(await passwords.verify({ ...ANNA, password: 'wrong' })).toBe(false);
    expect(checked).toHaveLength(2);
  });

  test('another stored hash, password or username is another check', async () => {
    await passwords.verify(ANNA);
    expect(await passwords.verify({ ...ANNA, storedHash: 'hash of new' })).toBe(false);
    expect(await passwords.verify({ ...ANNA, password: '123456789' })).toBe(false);
    expect(await passwords.verify({ ...ANNA, username: 'bert' })).toBe(true);
    expect(checked).toHaveLength(4);
  });

  test('equal checks at the same time are done once', async () => {
    const results = await Promise.all([ANNA, ANNA, ANNA].map((check) => passwords.verify(check)));
    expect(results).toEqual([true, true, true]);
    expect(checked).toHaveLength(1);
  });

  test('for nobody, a hash of the same cost is checked, and never matches', async () => {
    const nobody = { ...ANNA, storedHash: undefined };
    expect(await passwords.verify(nobody)).toBe(false);
    expect(await passwords.verify(nobody)).toBe(false);
    expect(checked).toHaveLength(2);
    const cost = await new PasswordHash({ now: () => nowMs }).hash('12345678');
    expect(parseOptions(checked[0] ?? '')).toEqual(parseOptions(cost));
  });

  test('the memory is bounded: the oldest success is forgotten', async () => {
    for (let count = 0; count < 4097; count += 1) {
      await passwords.verify({ ...ANNA, username: `user${count}` });
    }
    checked = [];
    await passwords.verify({ ...ANNA, username: 'user4096' });
    expect(checked).toHaveLength(0);
    await passwords.verify({ ...ANNA, username: 'user0' });
    expect(checked).toHaveLength(1);
  });

  test('two are hashed at a time, 200 wait, the next is refused', async () => {
    let running = 0;
    let most = 0;
    const slow: Argon2 = {
      ...double,
      hash: async (password) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return password;
      },
    };
    passwords = new PasswordHash({ now: () => nowMs, argon2: slow });
    const hashes = Array.from({ length: 202 }, () => passwords.hash('12345678'));
    await expect(passwords.hash('12345678')).rejects.toThrow(LoginRefusedError);
    await Promise.all(hashes);
    expect(most).toBe(2);
  });

  test('what was right is known for a day, to the origin that it came from', async () => {
    expect(passwords.familiarity(ANNA)).toBe('unknown');
    await passwords.verify({ ...ANNA, password: 'wrong' });
    expect(passwords.familiarity({ ...ANNA, password: 'wrong' })).toBe('unknown');
    await passwords.verify(ANNA);
    expect(passwords.familiarity(ANNA)).toBe('remembered');
    nowMs += 3_600_000;
    expect(passwords.familiarity(ANNA)).toBe('known');
    expect(passwords.familiarity({ ...ANNA, origin: '127.0.0.9' })).toBe('unknown');
    expect(passwords.familiarity({ ...ANNA, storedHash: 'hash of new' })).toBe('unknown');
    nowMs += 86_400_000;
    expect(passwords.familiarity(ANNA)).toBe('unknown');
  });
});
