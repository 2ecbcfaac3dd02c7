import { describe, expect, test } from '@jest/globals';
import type { FileFacts } from '../system/file-facts.ts';
import { machineFacts } from './machine-facts.ts';

function entry(changes: Partial<FileFacts> = {}): FileFacts {
  return {
    name: 'report.pdf',
    kind: 'file',
    sizeBytes: 1234,
    modifiedMs: Date.UTC(2025, 5, 5, 7, 8, 9),
    mode: 0o100644,
    nlink: 1,
    uid: 1000,
    gid: 1000,
    device: 0xfd01,
    inode: 0xabc,
    ...changes,
  };
}

const directory = entry({ kind: 'directory', name: 'sub', mode: 0o041755 });

describe('machineFacts', () => {
  test('a file has all facts', () => {
    expect(machineFacts(entry(), { permissions: 'adfrw' })).toBe(
      'type=file;size=1234;modify=20250605070809;perm=adfrw;unique=fd01gabc;UNIX.mode=0644; report.pdf',
    );
  });

  test('a directory has no size', () => {
    expect(machineFacts(directory, { permissions: 'cdeflmp' })).toBe(
      'type=dir;modify=20250605070809;perm=cdeflmp;unique=fd01gabc;UNIX.mode=1755; sub',
    );
  });

  test('the listed directory is a cdir', () => {
    const options = { permissions: 'adfrw', isListedDirectory: true, selected: ['type'] as const };
    expect(machineFacts(directory, options)).toBe('type=cdir; sub');
  });

  test('a client that wants no facts gets the name after a space', () => {
    expect(machineFacts(entry(), { permissions: 'adfrw', selected: [] })).toBe(' report.pdf');
  });

  test('a partial upload is told from a whole file', () => {
    const facts = machineFacts(entry({ isPartial: true }), { permissions: 'adfrw' });
    expect(facts).toContain('UNIX.mode=0644;X.partial=1; report.pdf');
    const selected = ['size'] as const;
    const chosen = machineFacts(entry({ isPartial: true }), { permissions: 'adfrw', selected });
    expect(chosen).toBe('size=1234; report.pdf');
  });

  test('line ends in a name become question marks', () => {
    const facts = machineFacts(entry({ name: 'a\nb' }), { permissions: 'adfrw', selected: [] });
    expect(facts).toBe(' a?b');
  });
});
