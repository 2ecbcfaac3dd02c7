import { beforeEach, describe, expect, test } from '@jest/globals';
import { AccountRepository } from './account-repository.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { PartialRepository } from './partial-repository.ts';

describe('PartialRepository', () => {
  let partials: PartialRepository;
  let accounts: AccountRepository;
  let anna: number;
  let bert: number;

  beforeEach(async () => {
    const { queries } = openDatabase(':memory:');
    await migrate(queries);
    accounts = new AccountRepository(queries);
    partials = new PartialRepository(queries);
    [anna, bert] = [await addAccount('anna'), await addAccount('bert')];
  });

  const addAccount = (username: string) =>
    accounts.create({
      username,
      passwordHash: 'x',
      home: username,
      createdAtMs: 0,
      limitBytes: 0,
    });

  const partial = (id: string, path: string, accountId = anna) => ({
    ...{ id, accountId, path, createdAtMs: 1, cutAtMs: 2 },
    ...{ held: 'nothing', beginNumber: 3, makesWay: true },
  });
  const save = (id: string, path: string, accountId = anna) =>
    partials.save(partial(id, path, accountId));

  const paths = async () =>
    Object.fromEntries((await partials.listAll()).map(({ id, path }) => [id, path]));

  test('what was saved is listed until it is removed', async () => {
    await save('1', '/a.bin');
    expect(await partials.listAll()).toEqual([partial('1', '/a.bin')]);
    await partials.remove('1');
    expect(await partials.listAll()).toEqual([]);
  });

  test('one that is saved again replaces what was saved before', async () => {
    await save('1', '/a.bin');
    await save('1', '/b.bin');
    expect(await paths()).toEqual({ 1: '/b.bin' });
  });

  test('several can have begun under one path, and lose it', async () => {
    for (const id of ['1', '2', '3']) await save(id, '/a.bin');
    await partials.loseNames([]);
    await partials.loseNames(['1', '3']);
    const held = (await partials.listAll()).map((one) => [one.id, one.held]);
    expect(Object.fromEntries(held)).toEqual({ 1: undefined, 2: 'nothing', 3: undefined });
  });

  test('are listed in the order in which they were begun', async () => {
    await partials.save({ ...partial('1', '/a'), beginNumber: 12 });
    await partials.save({ ...partial('2', '/a'), beginNumber: 9 });
    expect((await partials.listAll()).map(({ id }) => id)).toEqual(['2', '1']);
  });

  test('one of an account that does not exist is not saved', async () => {
    expect(await save('1', '/a.bin')).toBe(true);
    await accounts.remove(anna, 0);
    expect(await save('1', '/a.bin')).toBe(false);
    expect(await partials.listAll()).toEqual([]);
  });

  test('a directory moves with all partials below it, and with no others', async () => {
    await save('1', '/a_%');
    await save('2', '/a_%/x/y.bin');
    await save('3', '/a_%b/x.bin');
    await save('4', '/abc/x.bin');
    await save('5', '/a_%/x.bin', bert);
    await partials.rename({ accountId: anna, fromPath: '/a_%', toPath: '/neu/ü😀' });
    expect(await paths()).toEqual({
      1: '/a_%',
      2: '/neu/ü😀/x/y.bin',
      3: '/a_%b/x.bin',
      4: '/abc/x.bin',
      5: '/a_%/x.bin',
    });
  });

  test('more than an account can have are listed in pages, moved and removed', async () => {
    const ids = Array.from({ length: 2500 }, (_, index) => `id ${index}`);
    for (const id of ids) await save(id, `/d/${id}`);
    await save('other', '/e');
    await partials.rename({ accountId: anna, fromPath: '/d', toPath: '/x' });
    const pages = [];
    for (let afterId = ''; ; ) {
      const page = await partials.listPage({ afterId, limit: 1000 });
      const last = page.at(-1);
      if (last === undefined) break;
      pages.push(page);
      afterId = last.id;
    }
    expect(pages.map(({ length }) => length)).toEqual([1000, 1000, 501]);
    const below = pages.flat().filter(({ path }) => path.startsWith('/x/'));
    expect(new Set(below.map(({ id }) => id))).toEqual(new Set(ids));
    await partials.loseNames(ids);
    expect((await partials.listAll()).filter(({ held }) => held !== undefined)).toHaveLength(1);
    await partials.removeAll(ids);
    expect(await paths()).toEqual({ other: '/e' });
  });

  test('names beyond ASCII are matched to the letter', async () => {
    await save('1', '/ü😀/x.bin');
    await save('2', '/Ü😀/x.bin');
    await partials.rename({ accountId: anna, fromPath: '/ü😀', toPath: '/b' });
    expect(await paths()).toEqual({ 1: '/b/x.bin', 2: '/Ü😀/x.bin' });
  });

  test('partials go with their account', async () => {
    await save('1', '/a.bin');
    await save('2', '/a.bin', bert);
    await accounts.remove(anna, 0);
    expect(await paths()).toEqual({ 2: '/a.bin' });
  });
});
