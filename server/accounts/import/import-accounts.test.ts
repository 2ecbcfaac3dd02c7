import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AccountBatch } from '../../../db/account-insertion.ts';
import { AccountRepository } from '../../../db/account-repository.ts';
import { GroupRepository } from '../../../db/group-repository.ts';
import { migrate } from '../../../db/migrate.ts';
import { type Database, openDatabase } from '../../../db/open-database.ts';
import { NO_RULES } from '../../disk/creation-rules.ts';
import { AccountGroups } from '../account-groups.ts';
import { ElsewhereHomes } from '../elsewhere-homes.ts';
import { HomeDirectories } from '../home-directories.ts';
import { AccountImport } from './import-accounts.ts';

const NOW_MS = 1_700_000_000_000;

let directory: string;
let database: Database;
let accounts: AccountRepository;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-import-'));
  database = openDatabase(':memory:');
  await migrate(database.queries);
  accounts = new AccountRepository(database.queries);
});
afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

test('an account that appears after the check leaves no account and no home', async () => {
  const rootDir = join(directory, 'files');
  const places = { rootDir, dataDir: join(directory, 'data'), logDir: join(directory, 'logs') };
  const accountImport = new AccountImport({
    accounts,
    batch: new AccountBatch(database.queries),
    groups: new AccountGroups(new GroupRepository(database.queries)),
    homes: new HomeDirectories(rootDir),
    elsewhere: new ElsewhereHomes(accounts, places),
    defaults: { now: () => NOW_MS, quotaBytes: 1, maxFiles: 1, creation: NO_RULES },
  });
  const listed = ['anna', 'otto', 'carl'].map((username, index) => ({
    line: index + 1,
    username,
    password: { kind: 'hash', hash: '$argon2' } as const,
    enabled: true,
    homePath: username === 'carl' ? join(directory, 'elsewhere') : undefined,
  }));
  for (const place of Object.values(places)) await new HomeDirectories(place).create('x', NO_RULES);
  const plan = await accountImport.plan(listed, { adoptsHomes: false });
  expect(plan.problems).toEqual([]);
  const other = { username: 'Otto', home: 'otto', passwordHash: '', createdAtMs: 0, limitBytes: 0 };
  await accounts.create(other);
  const creation = accountImport.create(plan.accounts, () => undefined);
  await expect(creation).rejects.toThrow('otto');
  expect(await accounts.count()).toBe(1);
  expect(await readdir(rootDir)).toEqual(['x']);
  expect(await readdir(directory)).not.toContain('elsewhere');
});
