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

  const save = (id: string, path: string, accountId = anna) =>
    partials.save({ id, accountId, path, createdAtMs: 1, cutAtMs: 2 });

  const paths = async () =>
    Object.fromEntries((await partials.listAll()).map(({ id, path }) => [id, path]));

  test('what was saved is listed until it is removed', async () => {
    await save('1', '/a.bin');
    expect(await partials.listAll()).toEqual([
      { id: '1', accountId: anna, path: '/a.bin', createdAtMs: 1, cutAtMs: 2 },
    ]);
    await partials.remove('1');
    expect(await partials.listAll()).toEqual([]);
  });

  test('a partial at the same path replaces the one before, in the same account only', async () => {
    await save('1', '/a.bin');
    await save('2', '/a.bin', bert);
    await save('3', '/a.bin');
    expect(await paths()).toEqual({ 2: '/a.bin', 3: '/a.bin' });
  });

  test('a directory moves with all partials below it, and with no others', async () => {
    await save('1', '/a_%');
    await save('2', '/a_%/x/y.bin');
    await save('3', '/a_%b/x.bin');
    await save('4', '/abc/x.bin');
    await save('5', '/a_%/x.bin', bert);
    await partials.rename({ accountId: anna, fromPath: '/a_%', toPath: '/neu/ü😀' });
    expect(await paths()).toEqual({
      1: '/neu/ü😀',
      2: '/neu/ü😀/x/y.bin',
      3: '/a_%b/x.bin',
      4: '/abc/x.bin',
      5: '/a_%/x.bin',
    });
  });

  test('names beyond ASCII are matched to the letter', async () => {
    await save('1', '/ü😀/x.bin');
    await save('2', '/Ü😀/x.bin');
    await partials.rename({ accountId: anna, fromPath: '/ü😀', toPath: '/b' });
    expect(await paths()).toEqual({ 1: '/b/x.bin', 2: '/Ü😀/x.bin' });
  });

  test('a partial that is in the way makes way and is named', async () => {
    await save('1', '/a.bin');
    await save('2', '/b.bin');
    const move = { accountId: anna, fromPath: '/a.bin', toPath: '/b.bin' };
    expect(await partials.rename(move)).toEqual(['2']);
    expect(await paths()).toEqual({ 1: '/b.bin' });
  });

  test('a move onto itself keeps everything', async () => {
    await save('1', '/a/b.bin');
    expect(await partials.rename({ accountId: anna, fromPath: '/a', toPath: '/a' })).toEqual([]);
    expect(await paths()).toEqual({ 1: '/a/b.bin' });
  });

  test('partials go with their account', async () => {
    await save('1', '/a.bin');
    await save('2', '/a.bin', bert);
    await accounts.remove(anna, 0);
    expect(await paths()).toEqual({ 2: '/a.bin' });
  });
});
