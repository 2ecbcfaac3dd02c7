import { describe, expect, test } from '@jest/globals';
import { type NameContent, NOTHING } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { decodePartials } from '../listing/partial-entries.ts';
import type { PartialUpload } from './partial-upload.ts';
import { PartialUploads } from './partial-uploads.ts';

const path = (text: string) => text as VirtualPath;

function partial(id: string, at: string, changes: Partial<PartialUpload> = {}): PartialUpload {
  return {
    id,
    path: path(at),
    diskPath: `/staging/${id}`,
    createdAtMs: 1,
    cutAtMs: 2,
    held: NOTHING,
    beginNumber: Number(id),
    makesWay: false,
    ...changes,
  };
}

async function encodedIds(encoded: Promise<SharedArrayBuffer> | undefined): Promise<string[]> {
  if (encoded === undefined) return [];
  return [...decodePartials(await encoded, () => true).values()].map(({ id }) => id);
}

function setUp(...known: PartialUpload[]) {
  const calls: unknown[] = [];
  const accounts = new Set([7]);
  const repository = {
    save: async ({
      id,
      accountId,
      held,
    }: {
      id: string;
      accountId: number;
      held?: string | undefined;
    }) => {
      calls.push(['save', id, held]);
      return accounts.has(accountId);
    },
    remove: async (id: string) => void calls.push(['remove', id]),
    rename: async (move: object) => void calls.push(['rename', move]),
    loseNames: async (ids: readonly string[]) => void calls.push(['lose', ...ids]),
  };
  const onError = (error: unknown) => calls.push(['error', error]);
  const partials = new PartialUploads({ accountId: 7, repository, known, onError });
  return { calls, accounts, partials };
}

describe('PartialUploads', () => {
  test('what an earlier run has left is known', () => {
    const { partials } = setUp(partial('1', '/a'));
    expect(partials.find(path('/a'))?.id).toBe('1');
    expect(partials.find(path('/b'))).toBeUndefined();
    expect(partials.nextBeginNumber()).toBe(2);
  });

  test('of several that an earlier run has left, the one that was begun last has the name', () => {
    const known = [partial('2', '/a'), partial('3', '/a'), partial('1', '/a')];
    const { partials, calls } = setUp(...known);
    expect(partials.find(path('/a'))?.id).toBe('3');
    expect([...partials.values()].map(({ id, held }) => [id, held]).sort()).toEqual([
      ['1', undefined],
      ['2', undefined],
      ['3', NOTHING],
    ]);
    expect(calls).toEqual([['lose', '2', '1']]);
  });

  test('a newer one takes the name of an older one, which is kept', async () => {
    const { partials, calls } = setUp(partial('1', '/a'));
    await partials.add(partial('2', '/a'));
    expect(partials.find(path('/a'))?.id).toBe('2');
    expect(partials.get('1')?.held).toBeUndefined();
    expect(calls).toEqual([
      ['lose', '1'],
      ['save', '2', NOTHING],
    ]);
  });

  test('an older one that is cut later does not take the name of a newer one', async () => {
    const { partials, calls } = setUp(partial('2', '/a'));
    await partials.add(partial('1', '/a'));
    expect(partials.find(path('/a'))?.id).toBe('2');
    expect(calls).toEqual([['save', '1', undefined]]);
  });

  test('one that is resumed is the newest beginning', async () => {
    const one = partial('1', '/a');
    const { partials } = setUp(one);
    partials.resumed(one, 3);
    await partials.add(partial('2', '/a'));
    expect(partials.find(path('/a'))?.id).toBe('1');
  });

  test('one that has lost its name is found by its id alone', async () => {
    const { partials, calls } = setUp(partial('1', '/a'), partial('2', '/b'));
    await partials.loseNames(['1', 'persisted']);
    expect(partials.find(path('/a'))).toBeUndefined();
    expect([...partials.within(path('/'))]).toHaveLength(1);
    expect(partials.get('1')?.held).toBeUndefined();
    expect(partials.isEmpty).toBe(false);
    expect(calls).toEqual([['lose', '1', 'persisted']]);
  });

  test('one that is moved has the new name, and is its newest beginning', async () => {
    const one = partial('1', '/a', { held: undefined });
    const { partials } = setUp(one, partial('2', '/b'));
    await partials.move(one, path('/b'), 'file' as NameContent);
    expect(partials.find(path('/b'))?.id).toBe('1');
    expect(partials.get('2')?.held).toBeUndefined();
  });

  test('a file that gets other facts is what the name held', async () => {
    const held = 'file:1' as NameContent;
    const { partials } = setUp(partial('1', '/a', { held }), partial('2', '/b'));
    await partials.contentChanged(held, 'file:2' as NameContent);
    expect(partials.find(path('/a'))?.held).toBe('file:2');
    expect(partials.find(path('/b'))?.held).toBe(NOTHING);
  });

  test('one that is persisted ahead is saved and not shown', async () => {
    const { partials, calls } = setUp();
    await partials.persistAhead(partial('1', '/a'));
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

  test('belong to the directory that holds their name', async () => {
    const { partials } = setUp(partial('1', '/d/a'), partial('2', '/d/e/b'), partial('3', '/c'));
    const ids = async (directory: string) => encodedIds(partials.encodedIn(path(directory)));
    expect(await ids('/d')).toEqual(['1']);
    expect(await ids('/')).toEqual(['3']);
    expect([...partials.within(path('/d/e'))]).toHaveLength(1);
    expect([...partials.within(path('/d/eb'))]).toEqual([]);
  });

  test('follow a directory that is renamed, and only that', async () => {
    const { partials, calls } = setUp(
      partial('1', '/d/a'),
      partial('2', '/de'),
      partial('3', '/d/b', { held: undefined }),
    );
    await partials.rename(path('/d'), path('/x/y'));
    expect(partials.find(path('/x/y/a'))?.diskPath).toBe('/staging/1');
    expect(partials.get('3')?.path).toBe('/x/y/b');
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

  test('one of an account that has been removed is not kept', async () => {
    const { partials, accounts } = setUp();
    accounts.clear();
    expect(await partials.add(partial('1', '/a'))).toBe(false);
    expect(partials.isEmpty).toBe(true);
  });

  test('a database that fails is told, and the partial is still there', async () => {
    const failure = new Error('database is locked');
    const fail = () => Promise.reject(failure);
    const errors: unknown[] = [];
    const partials = new PartialUploads({
      accountId: 7,
      repository: { save: fail, remove: fail, rename: fail, loseNames: fail },
      known: [],
      onError: (error) => errors.push(error),
    });
    expect(await partials.add(partial('1', '/d/a'))).toBe(true);
    await partials.rename(path('/d'), path('/e'));
    expect(partials.find(path('/e/a'))?.id).toBe('1');
    await partials.loseNames(['1']);
    await partials.remove(partial('1', '/e/a'));
    expect(partials.isEmpty).toBe(true);
    expect(errors).toEqual([failure, failure, failure, failure]);
  });
});
