import { describe, expect, test } from '@jest/globals';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, naming } from '../errors/errors.ts';
import { formatRights } from '../rights/rights.ts';
import { Access, FULL_ACCESS } from './access.ts';
import { Mountpoint } from './mountpoint.ts';

const mountpoint = (at: string, directory: string, isReadOnly = false) =>
  new Mountpoint({ folder: 'f', accountId: 1, directory, at, isReadOnly });

const path = (text: string) => text as VirtualPath;

test.each([
  ['/team', '/', '/team', '/'],
  ['/team', '/', '/team/a/b', '/a/b'],
  ['/team', '/pictures', '/team', '/pictures'],
  ['/x/team', '/p/q', '/x/team/a', '/p/q/a'],
])('%s over %s: %s of the session is %s', (at, directory, outer, inner) => {
  const mount = mountpoint(at, directory);
  expect(mount.holds(path(outer))).toBe(true);
  expect(mount.inner(path(outer))).toBe(inner);
  expect(mount.shown(path(inner))).toBe(outer);
});

test.each(['/teams', '/', '/tea'])('%s is not in /team', (outer) => {
  expect(mountpoint('/team', '/').holds(path(outer))).toBe(false);
});

test('a failure names the paths of the session, and only these', () => {
  const error = new FileUnavailableError(naming`${'/p/a'}: ${2} of /p, ${'/p'} and ${'/other'}.`);
  expect(mountpoint('/team', '/p').shownFailure(error)).toBe(error);
  expect(error.message).toBe('/team/a: 2 of /p, /team and /team.');
});

describe('rights in a folder', () => {
  const rightsAt = (access: Access, directory: string) =>
    formatRights(access.rules.at(path(directory)));

  test('are full or read-only for those who may do all', () => {
    expect(rightsAt(mountpoint('/team', '/').access(FULL_ACCESS), '/a')).toContain('overwrite');
    const reader = mountpoint('/team', '/', true).access(FULL_ACCESS);
    expect(rightsAt(reader, '/a')).toBe('list,read');
    expect([reader.mayUpload, reader.seesUsage, reader.seesPartials]).toEqual([false, true, false]);
  });

  test('are those that the session has at that path, less what the folder refuses', () => {
    const rights = { '/': 'none', '/team': 'list,write', '/team/in': 'upload-only', '/x': 'full' };
    const session = new Access({ settings: { rights, maxUploadBytes: 7, deniedNames: ['*.exe'] } });
    const writer = mountpoint('/team', '/p').access(session);
    expect(['/p', '/p/a', '/p/in/b', '/', '/x'].map((at) => rightsAt(writer, at))).toEqual([
      ...['list,write', 'list,write', 'write', 'none', 'none'],
    ]);
    expect([writer.maxUploadBytes, writer.names.allow('a.exe')]).toEqual([7, false]);
    const reader = mountpoint('/team', '/p', true).access(session);
    expect(['/p', '/p/in'].map((at) => rightsAt(reader, at))).toEqual(['list', 'none']);
  });

  test('of a directory of an account do not tell what that account uses', () => {
    expect(mountpoint('/team', '/p').access(FULL_ACCESS).seesUsage).toBe(false);
    expect(mountpoint('/team', '/').access(FULL_ACCESS).seesUsage).toBe(true);
  });
});
