import { describe, expect, test } from '@jest/globals';
import { type PartialUpload, PartialUploads } from './partial-uploads.ts';
import type { VirtualPath } from './virtual-path.ts';

const path = (text: string) => text as VirtualPath;

function partial(id: string, at: string): PartialUpload {
  return { id, path: path(at), diskPath: `/staging/${id}`, createdAtMs: 1, cutAtMs: 2 };
}

function setUp(...known: PartialUpload[]) {
  const calls: unknown[] = [];
  const repository = {
    save: async (saved: object) => void calls.push(['save', saved]),
    remove: async (id: string) => void calls.push(['remove', id]),
    rename: async (move: object) => {
      calls.push(['rename', move]);
      return [];
    },
  };
  const onError = (error: unknown) => calls.push(['error', error]);
  return { calls, partials: new PartialUploads({ accountId: 7, repository, known, onError }) };
}

describe('PartialUploads', () => {
  test('what an earlier run has left is known', () => {
    const { partials } = setUp(partial('1', '/a'));
    expect(partials.find(path('/a'))?.id).toBe('1');
    expect(partials.find(path('/b'))).toBeUndefined();
  });

  test('one that is added is shown and saved, in place of another', async () => {
    const { partials, calls } = setUp(partial('1', '/a'));
    await partials.add(partial('2', '/a'));
    expect(partials.find(path('/a'))?.id).toBe('2');
    expect(calls).toEqual([
      ['save', { id: '2', accountId: 7, path: '/a', createdAtMs: 1, cutAtMs: 2 }],
    ]);
  });

  test('one that is announced is saved and not shown', async () => {
    const { partials, calls } = setUp();
    await partials.announce(partial('1', '/a'));
    expect(partials.find(path('/a'))).toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  test('removing one that was superseded leaves the other', async () => {
    const { partials, calls } = setUp(partial('1', '/a'));
    await partials.add(partial('2', '/a'));
    await partials.remove(partial('1', '/a'));
    expect(partials.find(path('/a'))?.id).toBe('2');
    expect(calls.at(-1)).toEqual(['remove', '1']);
  });

  test('belong to the directory that holds their name', () => {
    const { partials } = setUp(partial('1', '/d/a'), partial('2', '/d/e/b'), partial('3', '/c'));
    const ids = (directory: string) => partials.inDirectory(path(directory)).map(({ id }) => id);
    expect(ids('/d')).toEqual(['1']);
    expect(ids('/')).toEqual(['3']);
    expect(partials.within(path('/d/e'))).toHaveLength(1);
    expect(partials.within(path('/d/eb'))).toEqual([]);
  });

  test('follow a directory that is renamed, and only that', async () => {
    const { partials, calls } = setUp(
      partial('1', '/d/a'),
      partial('2', '/de'),
      partial('3', '/d'),
    );
    await partials.rename(path('/d'), path('/x/y'));
    expect(partials.find(path('/x/y/a'))?.diskPath).toBe('/staging/1');
    expect(partials.find(path('/x/y'))?.id).toBe('3');
    expect(partials.find(path('/de'))?.id).toBe('2');
    expect(partials.find(path('/d/a'))).toBeUndefined();
    expect(calls).toEqual([['rename', { accountId: 7, fromPath: '/d', toPath: '/x/y' }]]);
  });

  test('a rename that concerns none costs no statement', async () => {
    const { partials, calls } = setUp(partial('1', '/a'));
    await partials.rename(path('/b'), path('/c'));
    expect(calls).toEqual([]);
  });

  test('one that is claimed is so until it is released or removed', async () => {
    const one = partial('1', '/a');
    const { partials } = setUp(one);
    partials.claim(one);
    expect(partials.isClaimed(one)).toBe(true);
    partials.release(one.id);
    expect(partials.isClaimed(one)).toBe(false);
    partials.claim(one);
    await partials.remove(one);
    expect(partials.isClaimed(one)).toBe(false);
  });

  test('a database that fails is told, and the partial is still there', async () => {
    const failure = new Error('database is locked');
    const fail = () => Promise.reject(failure);
    const errors: unknown[] = [];
    const partials = new PartialUploads({
      accountId: 7,
      repository: { save: fail, remove: fail, rename: fail },
      known: [],
      onError: (error) => errors.push(error),
    });
    await partials.add(partial('1', '/a'));
    await partials.rename(path('/a'), path('/b'));
    expect(partials.find(path('/b'))?.id).toBe('1');
    await partials.remove(partial('1', '/b'));
    expect(partials.find(path('/b'))).toBeUndefined();
    expect(errors).toEqual([failure, failure, failure]);
  });
});
