import { describe, expect, test } from '@jest/globals';
import { ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { readRules } from '../rights/rights-rules.ts';
import { EntryPermissions, permissionsAt } from './entry-permissions.ts';

const rules = readRules({
  '/': 'list,read,write,mkdir,rename,rmdir',
  '/incoming': 'upload-only',
  '/team/secret': 'none',
  '/secret': 'none',
});

const at = (path: string, kind: 'file' | 'directory' | 'other') =>
  permissionsAt(rules, path as VirtualPath, kind);

describe('the fact perm', () => {
  test.each([
    ['/', 'directory', 'celmp'],
    ['/a', 'file', 'fr'],
    ['/a', 'directory', 'cdeflmp'],
    ['/a', 'other', 'f'],
    ['/incoming', 'directory', 'ce'],
    ['/incoming/a', 'file', ''],
    ['/team', 'directory', 'cdelmp'],
  ] as const)('of %s, a %s, is %s', (path, kind, letters) => {
    expect(at(path, kind)).toBe(letters);
  });

  test('with full rights has every letter', () => {
    const full = readRules();
    expect(permissionsAt(full, '/a' as VirtualPath, 'file')).toBe('adfrw');
    expect(permissionsAt(full, '/a' as VirtualPath, 'directory')).toBe('cdeflmp');
    expect(permissionsAt(full, '/a' as VirtualPath, 'other')).toBe('df');
  });

  test('in a listing is that of MLST', () => {
    const entries = new EntryPermissions({ place: ROOT, rules: rules.rules });
    const facts = { sizeBytes: 0, modifiedMs: 0, mode: 0, nlink: 1, uid: 0, gid: 0 };
    for (const name of ['a', 'incoming', 'team']) {
      const entry = { ...facts, name, device: 0, inode: 0, kind: 'directory' } as const;
      expect(entries.of(entry, name)).toBe(at(`/${name}`, 'directory'));
    }
    expect(entries.ofListed()).toBe(at('/', 'directory'));
  });

  test('hides what has no rights, and links that lead there or where nothing is listed', () => {
    const entries = new EntryPermissions({ place: ROOT, rules: rules.rules });
    expect(['secret', 'team', 'incoming'].map((name) => entries.isHidden(name))).toEqual([
      ...[true, false, false],
    ]);
    const targets = ['/secret', '/incoming/a', '/team/secret/a', '/incoming', '/a'];
    expect(targets.map((path) => entries.isHiddenTarget(path as VirtualPath))).toEqual([
      ...[true, true, true, false, false],
    ]);
  });
});
