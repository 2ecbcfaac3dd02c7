import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AccountRepository } from '../../db/account-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { TrashRepository } from '../../db/trash-repository.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { UnknownUploads } from '../uploads/unknown-uploads.ts';
import { removeOrKeep, replaceOrKeep } from './into-trash.ts';
import { MAX_TRASH_ITEMS, Trash } from './trash.ts';
import { TrashRows } from './trash-rows.ts';
import { sweepTrash } from './trash-sweep.ts';

describe('the trash of an account', () => {
  let rootDir: string;
  let trashDir: string;
  let home: string;
  let database: Database;
  let repository: TrashRepository;
  let rows: TrashRows;
  let refundedBytes: number;
  let errors: unknown[];

  beforeEach(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'myftp-trash-'));
    trashDir = join(rootDir, '.trash');
    home = join(rootDir, 'anna');
    await mkdir(home);
    database = openDatabase(':memory:');
    await migrate(database.queries);
    const quota = { limitBytes: 1000, limitEntries: 1000 };
    const anna = { username: 'anna', passwordHash: 'x', home: 'anna', createdAtMs: 0, ...quota };
    await new AccountRepository(database.queries).create(anna);
    repository = new TrashRepository(database.queries);
    [refundedBytes, errors] = [0, []];
    rows = new TrashRows({ repository, onError });
  });
  afterEach(async () => {
    await database.close();
    await rm(rootDir, { recursive: true });
  });

  const onError = (error: unknown) => void errors.push(error);

  async function open(): Promise<Trash> {
    const unknown = new UnknownUploads(trashDir);
    const { known } = await sweepTrash({ rootDir, trashDir, trash: repository, unknown, onError });
    const trash = new Trash({
      ...{ accountId: 1, directory: join(trashDir, '1'), known: known.get(1) ?? [], rows },
      ...{ isCharging: true, now: () => 0, onError, defaultKeepMs: () => 1000 },
      refund: (bytes) => {
        refundedBytes += bytes;
      },
    });
    return trash;
  }

  async function named(name: string, octets = 'octets') {
    const entry = join(home, name);
    await writeFile(entry, octets);
    return { path: `/${name}` as VirtualPath, entry, stats: await stat(entry) };
  }

  test('a change that fails leaves the file with its name, and nothing in the trash', async () => {
    const trash = await open();
    const failing = replaceOrKeep(trash, await named('a'), () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await readFile(join(home, 'a'), 'utf8')).toBe('octets');
    expect([await readdir(join(trashDir, '1')), trash.count]).toEqual([[], 0]);
    expect((await open()).count).toBe(0);
  });

  test('a directory is not replaced, and stays where it is', async () => {
    const trash = await open();
    const entry = join(home, 'd');
    await mkdir(entry);
    const replaced = { path: '/d' as VirtualPath, entry, stats: await stat(entry) };
    const file = await named('a');
    const replacing = replaceOrKeep(trash, replaced, () => rename(file.entry, entry));
    await expect(replacing).rejects.toMatchObject({ code: 'EISDIR' });
    expect([await readdir(home), trash.count]).toEqual([['a', 'd'], 0]);
  });

  test('a crash before the new file has the name leaves the name as it was', async () => {
    const trash = await open();
    const removed = await named('a');
    const item = await trash.begin({ ...removed, reason: 'replaced' });
    await link(removed.entry, trash.pathOf({ id: item?.id ?? '' }));
    expect([(await open()).count, await readdir(join(trashDir, '1'))]).toEqual([0, []]);
    expect((await stat(removed.entry)).nlink).toBe(1);
  });

  test('a file that has another name elsewhere is kept after a start', async () => {
    const removed = await named('a');
    await link(removed.entry, join(rootDir, 'a backup of it'));
    await removeOrKeep(await open(), removed);
    await named('a', 'a new file');
    expect((await open()).count).toBe(1);
  });

  test('a crash between the row and the rename leaves the file, and no item', async () => {
    const removed = await named('a');
    await (await open()).begin({ ...removed, reason: 'deleted' });
    expect((await open()).count).toBe(0);
    expect(await readFile(removed.entry, 'utf8')).toBe('octets');
  });

  test('files that a database does not know come back with the one that does', async () => {
    const trash = await open();
    await removeOrKeep(trash, await named('a'));
    const item = [...trash.values()][0];
    await repository.remove([item?.id ?? '']);
    expect((await open()).count).toBe(0);
    if (item !== undefined) await repository.save({ ...item, accountId: 1 });
    expect((await open()).chargedBytes).toBe(6);
  });

  test('a row that fails keeps no file from being deleted, and is written later', async () => {
    const trash = await open();
    await database.queries.schema.alterTable('trash_item').renameTo('elsewhere').execute();
    expect(await removeOrKeep(trash, await named('a'))).toBe(0);
    expect([trash.count, errors.length]).toEqual([1, 1]);
    await database.queries.schema
      .alterTable('elsewhere' as never)
      .renameTo('trash_item')
      .execute();
    await rows.saveRest();
    expect((await open()).count).toBe(1);
  });

  test('an account that has been removed keeps nothing', async () => {
    const trash = await open();
    await new AccountRepository(database.queries).remove(1, 0);
    expect(await removeOrKeep(trash, await named('a'))).toBe(6);
    expect([await readdir(home), trash.count]).toEqual([[], 0]);
  });

  test('an item that cannot be removed is reported once, stays charged and keeps no other', async () => {
    const trash = await open();
    for (const name of ['stuck', 'b']) await removeOrKeep(trash, await named(name));
    const stuck = [...trash.values()][0];
    await rm(trash.pathOf({ id: stuck?.id ?? '' }));
    await mkdir(trash.pathOf({ id: stuck?.id ?? '' }));
    expect([await trash.dropOldest('charged'), await trash.dropOldest('charged')]).toEqual([
      true,
      false,
    ]);
    expect([trash.count, trash.chargedBytes, refundedBytes, errors.length]).toEqual([1, 6, 6, 1]);
  });

  test('a recount finds items that an administrator has removed, and others that have grown', async () => {
    const trash = await open();
    for (const name of ['a', 'b']) await removeOrKeep(trash, await named(name));
    const [first, second] = [...trash.values()];
    await rm(trash.pathOf({ id: first?.id ?? '' }));
    await writeFile(trash.pathOf({ id: second?.id ?? '' }), 'more octets');
    await trash.measure();
    expect([trash.count, trash.chargedBytes, refundedBytes]).toEqual([1, 11, 0]);
    expect(await repository.chargedBytes(1)).toBe(11);
  });

  test('beyond the most the oldest goes; all are there after a start, in their order', async () => {
    await mkdir(join(trashDir, '1'), { recursive: true });
    await database.queries.transaction().execute(async (transaction) => {
      const saving = new TrashRepository(transaction);
      for (let number = 1; number <= MAX_TRASH_ITEMS; number += 1) {
        const id = `${(number * 7919) % MAX_TRASH_ITEMS}`;
        await writeFile(join(trashDir, '1', id), '');
        await saving.save({
          ...{ id, accountId: 1, number, path: `/${number}`, kind: 'file', reason: 'deleted' },
          ...{ sizeBytes: 0, isCharged: true, deletedAtMs: 0, expiresAtMs: 1 },
        });
      }
    });
    const trash = await open();
    const paths = [...trash.values()].map(({ path }) => path);
    expect(paths).toEqual(Array.from({ length: MAX_TRASH_ITEMS }, (_, index) => `/${index + 1}`));
    await removeOrKeep(trash, await named('new'));
    expect(trash.count).toBe(MAX_TRASH_ITEMS);
    expect([...trash.values()][0]?.path).toBe('/2');
    expect([...trash.values()].at(-1)?.path).toBe('/new');
  });
});
