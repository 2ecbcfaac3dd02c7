import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NewAccount } from '../../db/account-insertion.ts';
import { AccountRepository } from '../../db/account-repository.ts';
import { GroupRepository } from '../../db/group-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { UNLIMITED } from '../quota/unlimited.ts';
import { anonymousCheck } from './anonymous-check.ts';
import { ownersCheck } from './owners-check.ts';
import { examine } from './testing/examine.ts';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

let directory: string;
let database: Database;
let accounts: AccountRepository;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-accounts-'));
  database = openDatabase(join(directory, 'myftp.db'));
  await migrate(database.queries);
  accounts = new AccountRepository(database.queries);
});
afterEach(async () => {
  await database.close();
  rmSync(directory, { recursive: true });
});

function add(username: string, more: Partial<NewAccount> = {}): Promise<number> {
  const home = username;
  return accounts.create({
    username,
    home,
    passwordHash: '',
    createdAtMs: 0,
    limitBytes: 5,
    ...more,
  });
}

describe('the account of anonymous users', () => {
  const check = (now?: () => number) =>
    examine(anonymousCheck, {
      flags: { data: directory, 'anonymous-account': 'Pub' },
      ...(now && { now }),
    });

  test('is missing', async () => {
    expect(await check()).toEqual([
      expect.objectContaining({
        level: 'problem',
        text: expect.stringContaining('no such account'),
      }),
    ]);
  });

  test('can only read unless it has other rights', async () => {
    await add('pub', { limitBytes: UNLIMITED });
    expect(await check()).toEqual([
      { level: 'ok', text: '--anonymous-account Pub: anonymous users can only read.' },
    ]);
  });

  test('is a drop box with a quota', async () => {
    await add('pub', { access: { rights: { '/in': 'upload-only' } } });
    expect(await check()).toEqual([expect.objectContaining({ level: 'ok' })]);
  });

  test('is writable by the rights of its group, shows uploads, and has no quota', async () => {
    const groups = new GroupRepository(database.queries);
    await groups.add('public');
    const { id: groupId = 0 } = (await groups.find('public')) ?? {};
    await groups.setAccess(groupId, { rights: { '/in': 'no-overwrite' } });
    await add('pub', { groupId, limitBytes: UNLIMITED });
    expect(await check()).toEqual([
      expect.objectContaining({ level: 'warning', text: expect.stringContaining('no quota') }),
      expect.objectContaining({
        level: 'warning',
        remedy: 'Make a drop box of it: myftp-server user rights pub upload-only /in.',
      }),
    ]);
  });

  test('is disabled, or expired', async () => {
    const id = await add('pub', { expiresAtMs: 1000 });
    expect(await check(() => 999)).toEqual([expect.objectContaining({ level: 'ok' })]);
    expect(await check(() => 1000)).toEqual([
      expect.objectContaining({ level: 'problem', text: expect.stringContaining('expired') }),
    ]);
    await accounts.disable(id);
    expect(await check(() => 999)).toEqual([
      expect.objectContaining({ level: 'problem', text: expect.stringContaining('disabled') }),
    ]);
  });
});

describe('owners', () => {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const owned = (owner: { uid: number; gid: number | undefined }) => ({
    creation: { umask: undefined, fileMode: undefined, directoryMode: undefined, owner },
  });
  const check = (flags = {}) => examine(ownersCheck, { flags: { data: directory, ...flags } });

  test('are not a subject if none is set', async () => {
    await add('anna');
    expect(await check()).toEqual([]);
  });

  test('to which the server may give files are fine', async () => {
    await add('anna', owned({ uid, gid }));
    expect(await check({ owner: `${uid}` })).toEqual([
      { level: 'ok', text: 'The server may give files to all owners that are set.' },
    ]);
  });

  // Root becomes the user of --user; another user has no rights anyway.
  const asNobody = isRoot ? { user: String(NOBODY), group: String(NOBODY) } : {};

  test('to which it may not give files are a problem, with the accounts', async () => {
    for (const name of ['anna', 'berta', 'carl', 'dora', 'emil', 'fritz']) {
      await add(name, owned({ uid: 12_345, gid: undefined }));
    }
    await add('nora', owned(isRoot ? { uid: NOBODY, gid: NOBODY } : { uid, gid }));
    expect(await check({ owner: '12345', ...asNobody })).toEqual([
      expect.objectContaining({ level: 'problem', text: expect.stringContaining('--owner 12345') }),
      expect.objectContaining({
        level: 'problem',
        text: 'The server may not give files to the owners that are set for anna, berta, carl, dora, emil and 1 more, and refuses their uploads.',
        remedy: expect.stringContaining('in user mode anna --owner'),
      }),
    ]);
  });

  test('that the system does not know are a problem', async () => {
    expect(await check({ owner: 'no-such-user' })).toEqual([
      expect.objectContaining({ level: 'problem', text: expect.stringContaining('no-such-user') }),
    ]);
  });
});
