import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AccountRepository } from '../../db/account-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open-database.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { recount, recountAccounts } from './quota-recount.ts';

let rootDir: string;

beforeEach(async () => {
  rootDir = await mkdtemp(join(tmpdir(), 'myftp-recount-'));
});

afterEach(() => rm(rootDir, { recursive: true }));

describe('recount', () => {
  const measure = () => recount({ directoryPath: rootDir });

  test('adds up plain files at every depth, hidden ones included', async () => {
    const deep = join(rootDir, ...Array<string>(40).fill('d'));
    await mkdir(deep, { recursive: true });
    const writes = Array.from({ length: 600 }, (_, index) =>
      writeFile(join(rootDir, `f${index}`), 'x'.repeat(index % 7)),
    );
    await Promise.all([...writes, writeFile(join(deep, '.hidden'), 'x'.repeat(1000))]);
    const sumBytes = writes.reduce((sum, _, index) => sum + (index % 7), 0);
    expect(await measure()).toBe(1000 + sumBytes);
  });

  test('does not follow symbolic links', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'myftp-outside-'));
    await writeFile(join(outside, 'big'), 'x'.repeat(5000));
    await symlink(outside, join(rootDir, 'directory'));
    await symlink(join(outside, 'big'), join(rootDir, 'file'));
    await symlink(rootDir, join(rootDir, 'circle'));
    expect(await measure()).toBe(0);
    await rm(outside, { recursive: true });
  });

  test('counts files whose names are no UTF-8, also below such directories', async () => {
    const odd = Buffer.concat([Buffer.from(`${rootDir}/`), Buffer.from([0xe9, 0xff])]);
    await mkdir(odd);
    await writeFile(Buffer.concat([odd, Buffer.from('/'), Buffer.from([0xfe])]), 'xyz');
    expect(await measure()).toBe(3);
  });

  test('a directory that does not exist has nothing in it', async () => {
    expect(await recount({ directoryPath: join(rootDir, 'missing') })).toBe(0);
  });
});

describe('recountAccounts', () => {
  test('sets what home and staging area hold, and goes on past an account that fails', async () => {
    const { queries } = openDatabase(':memory:');
    await migrate(queries);
    const [accounts, quotas] = [new AccountRepository(queries), new QuotaRepository(queries)];
    for (const username of ['anna', 'bert', 'carl']) {
      await accounts.create({
        username,
        passwordHash: 'x',
        home: username,
        createdAtMs: 0,
        limitBytes: 10,
      });
    }
    for (const id of [2, 3]) await quotas.setUsed(id, { bytes: 7, entries: 7 });
    const stagingDir = join(rootDir, '.staging');
    await mkdir(join(stagingDir, '1'), { recursive: true });
    await mkdir(join(rootDir, 'anna'));
    await writeFile(join(rootDir, 'anna', 'a'), 'x'.repeat(11));
    await writeFile(join(stagingDir, '1', 'part'), 'x'.repeat(4));
    // A name too long for the disk fails for every user, root included.
    await queries
      .updateTable('account')
      .set({ home: 'b'.repeat(300) })
      .where('id', '=', 2)
      .execute();
    const [failed, unread] = [[] as string[], [] as unknown[]];
    await recountAccounts({
      accounts: await accounts.list(),
      quotas,
      rootDir,
      stagingDir,
      onUnread: ({ username }, home) => unread.push([username, home.unread.named]),
      onError: (_, { username }) => failed.push(username),
    });
    const used = await Promise.all([1, 2, 3].map((id) => quotas.find(id)));
    expect(used.map((quota) => quota?.usedBytes)).toEqual([15, 0, 0]);
    expect(used.map((quota) => quota?.usedEntries)).toEqual([1, 0, 0]);
    expect(failed).toEqual([]);
    expect(unread).toEqual([['bert', [{ path: '/', code: 'ENAMETOOLONG' }]]]);
  });
});
