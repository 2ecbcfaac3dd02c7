import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { runningDigest } from './digests.ts';
import { threadedDigest } from './hash-thread.ts';

const MIB = 1024 ** 2;

const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');

test.each([0, 1, 3 * MIB + 1])('%i octets have the digest that they have elsewhere', (bytes) => {
  const octets = randomBytes(bytes);
  const digest = threadedDigest('sha256');
  digest.update(octets);
  expect(digest.hex()).toBe(sha256(octets));
});

test('a buffer may be used again at once, also when the thread is far behind', () => {
  const digest = threadedDigest('sha256');
  const whole = randomBytes(40 * MIB);
  const buffer = Buffer.alloc(MIB);
  for (let at = 0; at < whole.length; at += MIB) {
    whole.copy(buffer, 0, at, at + MIB);
    digest.update(buffer);
    buffer.fill(0);
  }
  expect(digest.hex()).toBe(sha256(whole));
});

test('several grow side by side, and on after they have been told', () => {
  const [one, other] = [threadedDigest('sha256'), threadedDigest('sha512')];
  for (const text of ['a', 'b']) {
    one.update(Buffer.from(text));
    other.update(Buffer.from(text));
  }
  expect(one.hex()).toBe(sha256(Buffer.from('ab')));
  one.update(Buffer.from('c'));
  expect(one.hex()).toBe(sha256(Buffer.from('abc')));
  expect(other.hex()).toBe(createHash('sha512').update('ab').digest('hex'));
});

test.each(['SHA-256', 'SHA-512', 'SHA-1', 'MD5', 'CRC32'] as const)(
  '%s of a large file is the same as of a small one',
  (algorithm) => {
    const octets = randomBytes(MIB);
    const [large, small] = [runningDigest(algorithm, 100 * MIB), runningDigest(algorithm, MIB)];
    large.update(octets);
    small.update(octets);
    expect(large.hex()).toBe(small.hex());
  },
);
