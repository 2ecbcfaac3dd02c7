import { expect, test } from '@jest/globals';
import type { FileFacts } from '../system/file-facts.ts';
import { unixLine } from './unix-line.ts';

const NOW_MS = Date.UTC(2025, 5, 15, 12);

function entry(changes: Partial<FileFacts>): FileFacts {
  return {
    name: 'report.pdf',
    kind: 'file',
    sizeBytes: 1234,
    modifiedMs: Date.UTC(2025, 5, 5, 7, 8, 9),
    mode: 0o100644,
    nlink: 1,
    uid: 1000,
    gid: 1000,
    device: 1,
    inode: 2,
    ...changes,
  };
}

test('a recent file shows its time', () => {
  expect(unixLine(entry({}), NOW_MS)).toBe(
    '-rw-r--r--   1 ftp      ftp              1234 Jun  5 07:08 report.pdf',
  );
});

test('an old file, and one from the future, shows its year', () => {
  const old = entry({ modifiedMs: Date.UTC(2024, 1, 29) });
  const future = entry({ modifiedMs: Date.UTC(2031, 11, 31) });
  expect(unixLine(old, NOW_MS)).toContain(' Feb 29  2024 ');
  expect(unixLine(future, NOW_MS)).toContain(' Dec 31  2031 ');
});

test('a directory has its letter and permissions', () => {
  const line = unixLine(entry({ kind: 'directory', mode: 0o040750, nlink: 12 }), NOW_MS);
  expect(line.startsWith('drwxr-x---  12 ')).toBe(true);
});

test('huge sizes are told in full', () => {
  expect(unixLine(entry({ sizeBytes: 2 ** 53 - 1 }), NOW_MS)).toContain(' 9007199254740991 ');
});

test('names keep blanks and quotes; line ends become question marks', () => {
  expect(unixLine(entry({ name: ' a "b" ' }), NOW_MS).endsWith('07:08  a "b" ')).toBe(true);
  expect(unixLine(entry({ name: 'a\r\nb' }), NOW_MS).endsWith(' a??b')).toBe(true);
});
