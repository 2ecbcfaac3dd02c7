import { mkdir, mkdtemp, open, readdir, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ClientError,
  DiskFailureError,
  DiskFullError,
  FileBusyError,
  FileNameNotAllowedError,
  FileUnavailableError,
} from '../errors/errors.ts';
import { diskError, errnoOf } from './disk-errors.ts';
import type { VirtualPath } from './virtual-path.ts';

const PATH = '/photos/may' as VirtualPath;

describe('diskError', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-errors-'));
    await mkdir(join(directory, 'full'));
    await writeFile(join(directory, 'full', 'file'), '');
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('a quota of the system is a full disk, although libuv has no name for it', () => {
    const cause = Object.assign(new Error(), { code: 'Unknown system error -122', errno: -122 });
    expect(diskError(cause, PATH)).toBeInstanceOf(DiskFullError);
  });

  test.each<[string, (at: (name: string) => string) => Promise<unknown>, string]>([
    ['a missing file', (at) => open(at('nothing')), 'no such file or directory'],
    ['a file for a directory', (at) => readdir(at('full/file')), 'not a directory'],
    ['a directory for a file', (at) => open(at('full'), 'w'), 'is a directory'],
    ['a name that is there', (at) => mkdir(at('full')), 'already exists'],
    ['a directory with entries', (at) => rmdir(at('full')), 'directory not empty'],
    ['a file below a file', (at) => unlink(at('full/file/x')), 'not a directory'],
  ])('%s speaks of the client’s path', async (_what, fail, words) => {
    const cause = await fail((name) => join(directory, name)).catch((error: unknown) => error);
    const error = diskError(cause, PATH) as Error;
    expect(error).toBeInstanceOf(FileUnavailableError);
    expect(error.message).toBe(`${PATH}: ${words}.`);
    expect(error.message).not.toContain(directory);
  });

  test('a name that is too long is told by its end', async () => {
    const name = `${'long'.repeat(100)}.txt`;
    const cause = await open(join(directory, name)).catch((error: unknown) => error);
    const error = diskError(cause, `/${name}` as VirtualPath) as Error;
    expect(error).toBeInstanceOf(FileNameNotAllowedError);
    expect(error.message).toMatch(/^\.\.\.(long)+\.txt: the name is too long\.$/);
  });

  test.each<[string, new (message: string) => ClientError]>([
    ['ENOSPC', DiskFullError],
    ['EDQUOT', DiskFullError],
    ['EFBIG', DiskFullError],
    ['EIO', DiskFailureError],
    ['EMFILE', DiskFailureError],
    ['EACCES', FileUnavailableError],
    ['EXDEV', FileUnavailableError],
    ['ELOOP', FileUnavailableError],
    ['EINVAL', FileNameNotAllowedError],
  ])('%s is known', (code, expected) => {
    expect(diskError(Object.assign(new Error(), { code }), PATH)).toBeInstanceOf(expected);
  });

  test('what is in words for the client already stays', () => {
    const error = new FileBusyError('Busy.');
    expect(diskError(error, PATH)).toBe(error);
  });

  test.each([
    new TypeError('a mistake'),
    Object.assign(new Error(), { code: 'ESTALE' }),
    undefined,
  ])('what is not known stays: %p', (error) => {
    expect(diskError(error, PATH)).toBe(error);
  });
});

test.each([
  [Object.assign(new Error(), { code: 'ENOENT' }), 'ENOENT'],
  [new Error(), ''],
  [null, ''],
  [{ code: 7 }, ''],
])('errnoOf(%p) is %j', (error, errno) => {
  expect(errnoOf(error)).toBe(errno);
});
