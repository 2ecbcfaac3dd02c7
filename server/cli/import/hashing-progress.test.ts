import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { HashingProgress } from './hashing-progress.ts';

const PASSWORDS = [
  { kind: 'plain', text: 'correct horse' },
  { kind: 'hash', hash: '$argon2' },
  { kind: 'plain', text: 'wrong horse' },
] as const;

const PLANNED = PASSWORDS.map((password) => ({
  account: { line: 1, username: 'anna', enabled: true, password },
  groupId: undefined,
  homePath: undefined,
}));

function shownOn(terminal: PassThrough): unknown {
  const progress = new HashingProgress(terminal, PLANNED);
  progress.step();
  progress.step();
  progress.end();
  return terminal.setEncoding('utf8').read();
}

test('a terminal shows how many passwords have been hashed, a file nothing', () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  expect(shownOn(terminal)).toBe('\r\x1b[KHashing passwords: 1 of 2\r\x1b[K');
  expect(shownOn(new PassThrough())).toBeNull();
});
