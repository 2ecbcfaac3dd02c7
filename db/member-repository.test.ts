import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { undoMembers } from '../server/testing/undo-members.ts';
import { AccountRepository } from './account-repository.ts';
import { EscrowRepository } from './escrow-repository.ts';
import { requireRecountOfAll, wasInterrupted } from './last-run.ts';
import { MemberRepository } from './member-repository.ts';
import { migrate } from './migrate.ts';
import { type Database, openDatabase } from './open-database.ts';

let database: Database;
let members: MemberRepository;
let anna: number;
let bert: number;

beforeEach(async () => {
  database = openDatabase(':memory:');
  await migrate(database.queries);
  members = new MemberRepository(database.queries);
  [anna, bert] = [await addAccount('anna'), await addAccount('bert')];
});
afterEach(() => database.close());

function addAccount(username: string): Promise<number> {
  return new AccountRepository(database.queries).create({
    ...{ username, passwordHash: 'x', home: username, createdAtMs: 0, limitBytes: 100 },
  });
}

async function join(id: string, bootId = 'boot'): Promise<EscrowRepository> {
  await members.join({ id, bootId, version: '1', startedAtMs: 1 });
  return new EscrowRepository(database.queries, id);
}

const memberIds = async () =>
  (await database.queries.selectFrom('member').select('id').execute()).map(({ id }) => id);

describe('a member', () => {
  test('that has settled everything leaves nothing behind', async () => {
    const escrow = await join('one');
    expect(await members.isEmpty()).toBe(false);
    expect((await sql`PRAGMA synchronous`.execute(database.queries)).rows).toEqual([
      { synchronous: 1 },
    ]);
    await escrow.record(anna, { bytes: 5, entries: 1 });
    await escrow.remove(anna);
    await members.leave('one');
    expect(await members.isEmpty()).toBe(true);
  });

  test('that has not settled an account cannot leave, and is dead at the next start', async () => {
    const escrow = await join('one');
    await escrow.record(anna, { bytes: 5, entries: 1 });
    await members.leave('one');
    expect(await members.markAllDead(7)).toEqual([{ id: 'one', bootId: 'boot' }]);
    expect(await members.accountsOfDead()).toMatchObject([{ id: anna, username: 'anna' }]);
  });

  test('that lives does not put accounts in doubt, and stays', async () => {
    await join('dead');
    await members.markAllDead(7);
    const escrow = await join('living');
    await escrow.record(bert, { bytes: 5, entries: 1 });
    expect(await members.accountsOfDead()).toEqual([]);
    expect(await escrow.findDead(bert)).toBeUndefined();
    await members.removeSettledDead();
    expect(await memberIds()).toEqual(['living']);
  });

  test('goes when its last account has been measured', async () => {
    const dead = await join('dead');
    await dead.record(anna, { bytes: 5, entries: 1 });
    await dead.record(bert, { bytes: 7, entries: 2 });
    await dead.take(anna, { bytes: 9, entries: 2 });
    await members.markAllDead(7);
    const escrow = await join('living');
    expect(await escrow.findDead(anna)).toEqual({ bytes: 5, entries: 1 });
    const to = { bytes: 4, entries: 1 };
    const wrong = { accountId: anna, from: { bytes: 8, entries: 2 }, to };
    expect(await escrow.replaceUsed(wrong)).toBe(false);
    expect(await escrow.findDead(anna)).toBeDefined();
    const right = { accountId: anna, from: { bytes: 9, entries: 2 }, to };
    expect(await escrow.replaceUsed(right)).toBe(true);
    await members.removeSettledDead();
    expect(await memberIds()).toEqual(['dead', 'living']);
    await members.removeDead();
    expect(await memberIds()).toEqual(['living']);
    expect(await members.accountsOfDead()).toEqual([]);
  });

  test('loses the escrow of an account that is removed', async () => {
    const escrow = await join('one');
    await escrow.record(anna, { bytes: 5, entries: 1 });
    await database.queries.deleteFrom('account').where('id', '=', anna).execute();
    await escrow.record(anna, { bytes: 6, entries: 1 });
    await members.leave('one');
    expect(await members.isEmpty()).toBe(true);
  });
});

describe('a database of a version without members', () => {
  test.each([
    { lastRun: 'stopped', dead: [] },
    { lastRun: 'crashed', dead: [{ id: 'before-0015', bootId: '' }] },
  ] as const)('that was $lastRun has these dead members: $dead', async ({ lastRun, dead }) => {
    await undoMembers(database.queries, lastRun);
    expect(await wasInterrupted(database.queries)).toBe(lastRun === 'crashed');
    await migrate(database.queries);
    expect(await wasInterrupted(database.queries)).toBe(lastRun === 'crashed');
    expect(await members.markAllDead(8)).toEqual(dead);
  });

  test('can be marked for a recount of all accounts, as after a restore', async () => {
    await undoMembers(database.queries, 'stopped');
    await requireRecountOfAll(database.queries, 5);
    await migrate(database.queries);
    expect(await members.markAllDead(8)).toEqual([{ id: 'before-0015', bootId: '' }]);
  });
});

test('a recount of all accounts can be required, also of a database copied from a running server', async () => {
  await join('copied');
  await requireRecountOfAll(database.queries, 5);
  await requireRecountOfAll(database.queries, 6);
  const dead = await members.markAllDead(8);
  expect(dead.map(({ bootId }) => bootId)).toEqual(['boot', '']);
});

test('an empty database has not been interrupted', async () => {
  const empty = openDatabase(':memory:');
  expect(await wasInterrupted(empty.queries)).toBe(false);
  await empty.close();
});
