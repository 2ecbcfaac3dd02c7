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

const inDoubt = async () =>
  (await members.accountsOfDead()).map((account) => [account.username, account.mayBeUndercharged]);

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
    await members.markAllDead(7);
    expect(await inDoubt()).toEqual([['anna', 0]]);
  });

  test('that lives does not put accounts in doubt, and stays', async () => {
    await join('dead');
    await members.markAllDead(7);
    const escrow = await join('living');
    await escrow.record(bert, { bytes: 5, entries: 1 });
    expect(await inDoubt()).toEqual([]);
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
    const last = { accountId: bert, from: { bytes: 0, entries: 0 }, to };
    expect(await escrow.replaceUsed(last)).toBe(true);
    await members.removeSettledDead();
    expect(await memberIds()).toEqual(['living']);
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

describe('what a dead member has changed', () => {
  test.each([
    { bootId: 'boot', mayLack: false },
    { bootId: 'another', mayLack: true },
    { bootId: '', mayLack: true },
  ])(
    'is in its escrow unless the machine may have restarted: $bootId',
    async ({ bootId, mayLack }) => {
      await join('one');
      expect(await members.mayLackEscrow(bootId)).toBe(false);
      await members.markAllDead(7);
      expect(await members.mayLackEscrow(bootId)).toBe(mayLack);
    },
  );

  test('of a boot that is not known may be anything', async () => {
    await join('one', '');
    await members.markAllDead(7);
    expect(await members.mayLackEscrow('')).toBe(true);
  });

  test('is measured in all accounts, once, the ones in use first', async () => {
    const escrow = await join('one');
    await escrow.record(bert, { bytes: 5, entries: 1 });
    await addAccount('carl');
    await members.markAllDead(7);
    await members.doubt([anna, 999], 8);
    expect(await inDoubt()).toEqual([
      ['bert', 0],
      ['anna', 1],
    ]);
    await members.doubtAll('another', 8);
    expect(await members.mayLackEscrow('another')).toBe(false);
    expect(await inDoubt()).toEqual([
      ['bert', 1],
      ['anna', 1],
      ['carl', 1],
    ]);
    expect(await members.mayLackEscrow('a third')).toBe(true);
  });

  test('can be declared unknown, as after a restore, also of a database in use', async () => {
    await join('copied');
    await members.doubt([anna], 4);
    await requireRecountOfAll(database.queries, 5);
    await members.markAllDead(8);
    expect(await members.mayLackEscrow('boot')).toBe(true);
    await members.doubtAll('boot', 9);
    expect(await members.mayLackEscrow('boot')).toBe(false);
  });
});

describe('a database of a version without members', () => {
  test.each(['stopped', 'crashed'] as const)('that was %s', async (lastRun) => {
    await undoMembers(database.queries, lastRun);
    expect(await wasInterrupted(database.queries)).toBe(lastRun === 'crashed');
    await migrate(database.queries);
    expect(await wasInterrupted(database.queries)).toBe(lastRun === 'crashed');
    await members.markAllDead(8);
    expect(await members.mayLackEscrow('boot')).toBe(lastRun === 'crashed');
  });

  test('can be marked for a recount of all accounts, as after a restore', async () => {
    await undoMembers(database.queries, 'stopped');
    await requireRecountOfAll(database.queries, 5);
    await migrate(database.queries);
    await members.markAllDead(8);
    expect(await members.mayLackEscrow('boot')).toBe(true);
  });
});

test('an empty database has not been interrupted', async () => {
  const empty = openDatabase(':memory:');
  expect(await wasInterrupted(empty.queries)).toBe(false);
  await empty.close();
});
