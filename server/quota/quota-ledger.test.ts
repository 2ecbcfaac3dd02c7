import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { AccountRepository } from '../../db/account-repository.ts';
import type { EscrowRepository } from '../../db/escrow-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { QuotaRepository, type Usage } from '../../db/quota-repository.ts';
import { QuotaExceededError } from '../errors/errors.ts';
import { joinedMember } from '../testing/joined-member.ts';
import { type LedgerQuotas, QuotaLedger } from './quota-ledger.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SLAB = 8 * MIB;
const LIMIT = 100 * MIB;

describe('QuotaLedger', () => {
  let database: Database;
  let quotas: EscrowRepository;
  let ledger: QuotaLedger;
  let anna: number;
  let errors: unknown[];

  beforeEach(async () => {
    database = openDatabase(':memory:');
    await migrate(database.queries);
    quotas = await joinedMember(database);
    anna = await addAccount(database);
    errors = [];
    ledger = ledgerOver(quotas);
  });

  afterEach(async () => {
    jest.useRealTimers();
    await ledger.settleAll();
    await database.close();
  });

  const ledgerOver = (repository: LedgerQuotas) =>
    new QuotaLedger({
      quotas: repository,
      dataVersion: () => database.dataVersion(),
      onSettleError: (error) => errors.push(error),
    });

  const storedBytes = async () => (await quotas.find(anna))?.usedBytes;
  const usedBytes = async () => (await ledger.usage(anna)).usedBytes;

  test('after settling, exactly the spent bytes are used', async () => {
    await ledger.spend(anna, 3 * MIB);
    await ledger.spend(anna, 1);
    await ledger.settleAll();
    expect(await storedBytes()).toBe(3 * MIB + 1);
  });

  test('a spend that is reserved already returns at once, and costs no statement', async () => {
    await ledger.spend(anna, 1);
    const take = jest.spyOn(quotas, 'take');
    const find = jest.spyOn(quotas, 'find');
    for (let count = 0; count < 7; count += 1) {
      expect(ledger.spend(anna, MIB)).toBeUndefined();
    }
    ledger.refund(anna, MIB);
    expect(ledger.spend(anna, MIB)).toBeUndefined();
    expect(ledger.spend(anna, 0)).toBeUndefined();
    expect([take, find].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
  });

  test('usage is exact while bytes are reserved', async () => {
    await ledger.spend(anna, 5);
    expect(await storedBytes()).toBe(SLAB);
    expect(await ledger.usage(anna)).toMatchObject({ limitBytes: LIMIT, usedBytes: 5 });
    ledger.refund(anna, 2);
    expect(await usedBytes()).toBe(3);
  });

  test('an account can be filled to the last byte, and no further', async () => {
    await ledger.spend(anna, 99 * MIB);
    await ledger.spend(anna, MIB - 1);
    await ledger.spend(anna, 1);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
    ledger.refund(anna, 1);
    await ledger.spend(anna, 1);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
  });

  test('a refused spend leaves the account as it was and says what is left', async () => {
    await ledger.spend(anna, MIB);
    await expect(ledger.spend(anna, LIMIT)).rejects.toThrow(
      `Quota exceeded: ${99 * MIB} of ${LIMIT} bytes are left.`,
    );
    expect(await usedBytes()).toBe(MIB);
  });

  test('parallel spends that together exceed the limit: as many succeed as fit', async () => {
    const spends = Array.from({ length: 250 }, () => Promise.resolve(ledger.spend(anna, MIB)));
    const results = await Promise.allSettled(spends);
    await ledger.settleAll();
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(await storedBytes()).toBe(LIMIT);
  });

  test('a small spend is not refused because a large one was', async () => {
    const large = Promise.resolve(ledger.spend(anna, LIMIT + 1));
    const small = Promise.resolve(ledger.spend(anna, LIMIT));
    await expect(large).rejects.toThrow(QuotaExceededError);
    await expect(small).resolves.toBeUndefined();
  });

  test('what others have reserved, refund or are returning is not missed', async () => {
    await ledger.spend(anna, LIMIT);
    ledger.refund(anna, 50 * MIB);
    await ledger.spend(anna, 50 * MIB);
    ledger.refund(anna, 10 * MIB);
    const settling = ledger.settleAll();
    const spend = ledger.spend(anna, 20 * MIB);
    ledger.refund(anna, 10 * MIB);
    await expect(spend).resolves.toBeUndefined();
    await settling;
    expect(await usedBytes()).toBe(LIMIT);
  });

  test('a reservation that others spend during a take is not spent twice', async () => {
    await ledger.spend(anna, 90 * MIB);
    ledger.refund(anna, 5 * MIB);
    const take = quotas.take.bind(quotas);
    jest.spyOn(quotas, 'take').mockImplementationOnce(async (accountId, amount) => {
      await ledger.spend(anna, 4 * MIB);
      return await take(accountId, amount);
    });
    await ledger.spend(anna, 8 * MIB);
    expect(await usedBytes()).toBe(97 * MIB);
    expect(await storedBytes()).toBeGreaterThanOrEqual(97 * MIB);
  });

  test('a reservation goes back when the account is idle, not while it is busy', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await ledger.spend(anna, 1);
    for (let count = 0; count < 10; count += 1) {
      await jest.advanceTimersByTimeAsync(150);
      await ledger.spend(anna, 1);
    }
    expect(await storedBytes()).toBe(SLAB);
    await jest.advanceTimersByTimeAsync(400);
    expect(await storedBytes()).toBe(11);
    await ledger.settleAll();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('a large reservation goes back at once', async () => {
    await ledger.spend(anna, 50 * MIB);
    ledger.refund(anna, 40 * MIB);
    await ledger.usage(anna);
    expect(await storedBytes()).toBe(10 * MIB);
  });

  test('a database that fails in the background is told of and tried again', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await ledger.spend(anna, 1);
    const failure = new Error('disk I/O error');
    const release = jest.spyOn(quotas, 'release').mockRejectedValueOnce(failure);
    await jest.advanceTimersByTimeAsync(1000);
    expect(errors).toEqual([failure]);
    expect(await storedBytes()).toBe(SLAB);
    await jest.advanceTimersByTimeAsync(6000);
    expect(release).toHaveBeenCalledTimes(2);
    expect(await storedBytes()).toBe(1);
  });

  test('a database that fails under a spend fails it, and the next one succeeds', async () => {
    jest.spyOn(quotas, 'take').mockRejectedValueOnce(new Error('disk I/O error'));
    await expect(ledger.spend(anna, 1)).rejects.toThrow('disk I/O error');
    await ledger.spend(anna, 1);
    expect(await usedBytes()).toBe(1);
  });

  test('settleAll tells of a database that fails', async () => {
    await ledger.spend(anna, 1);
    jest.spyOn(quotas, 'release').mockRejectedValueOnce(new Error('disk I/O error'));
    await expect(ledger.settleAll()).rejects.toThrow('disk I/O error');
    await ledger.settleAll();
    expect(await storedBytes()).toBe(1);
  });

  test('an account without a quota has no room', async () => {
    await expect(ledger.spend(999, 1)).rejects.toThrow(QuotaExceededError);
    expect(await ledger.usage(999)).toEqual({
      ...{ limitBytes: 0, usedBytes: 0, limitEntries: 0, usedEntries: 0 },
    });
  });

  test('what is freed above a lowered limit cannot be spent until it is below', async () => {
    await ledger.spend(anna, 50 * MIB);
    await ledger.settleAll();
    await new QuotaRepository(database.queries).setLimit(anna, 40 * MIB);
    ledger.refund(anna, 5 * MIB);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
    ledger.refund(anna, 5 * MIB + 1);
    await ledger.spend(anna, 1);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
    expect(await usedBytes()).toBe(40 * MIB);
  });

  test('no order of spends, refunds and settles breaks the limit or loses a byte', async () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 64 * KIB }),
      fc.integer({ min: 1, max: LIMIT }),
    );
    const kind = fc.constantFrom(...(['spend', 'spend', 'refund', 'settle', 'wait'] as const));
    const step = fc.record({ kind, bytes: size });
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 0, max: LIMIT }),
      async (steps, limitBytes) => {
        await new QuotaRepository(database.queries).setLimit(anna, limitBytes);
        let heldBytes = 0;
        const pending: Promise<PromiseSettledResult<void>[]>[] = [];
        const start = (action: Promise<void>) => pending.push(Promise.allSettled([action]));
        const spend = async (bytes: number) => {
          await ledger.spend(anna, bytes);
          heldBytes += bytes;
          expect(heldBytes).toBeLessThanOrEqual(limitBytes);
        };
        const actions = {
          spend: (bytes: number) => start(spend(bytes)),
          settle: () => start(ledger.settleAll()),
          wait: () => Promise.all(pending),
          refund(wantedBytes: number) {
            const bytes = Math.min(wantedBytes, heldBytes);
            heldBytes -= bytes;
            ledger.refund(anna, bytes);
          },
        };
        for (const { kind, bytes } of steps) await actions[kind](bytes);
        expect(unexpected((await Promise.all(pending)).flat())).toEqual([]);
        expect(await usedBytes()).toBe(heldBytes);
        await ledger.settleAll();
        expect(await storedBytes()).toBe(heldBytes);
        ledger.refund(anna, heldBytes);
        await ledger.settleAll();
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  test('of parallel spends, none is refused that would still fit in the end', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 * MIB }), { maxLength: 20 });
    const property = fc.asyncProperty(sizes, async (spends) => {
      const results = await Promise.allSettled(
        spends.map((bytes) => Promise.resolve(ledger.spend(anna, bytes))),
      );
      const used = await usedBytes();
      const refused = spends.filter((_, index) => results[index]?.status === 'rejected');
      for (const bytes of refused) expect(used + bytes).toBeGreaterThan(LIMIT);
      ledger.refund(anna, used);
      await ledger.settleAll();
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

describe('a correction of the ledger', () => {
  let database: Database;
  let quotas: EscrowRepository;
  let ledger: QuotaLedger;
  let anna: number;
  let uncharged: number[];

  beforeEach(async () => {
    database = openDatabase(':memory:');
    await migrate(database.queries);
    quotas = await joinedMember(database);
    anna = await addAccount(database);
    uncharged = [];
    ledger = new QuotaLedger({
      quotas,
      dataVersion: () => 1,
      onSettleError: () => {},
      onUncharged: (accountId) => uncharged.push(accountId),
    });
  });
  afterEach(async () => {
    await ledger.settleAll();
    await database.close();
  });

  const storedBytes = async () => (await quotas.find(anna))?.usedBytes;
  const usedBytes = async () => (await ledger.usage(anna)).usedBytes;

  test('changes the charge and leaves what is reserved alone', async () => {
    await ledger.spend(anna, 5);
    const change = await ledger.correct(anna, ({ bytes, entries }) => ({
      bytes: bytes + 100,
      entries: entries + 3,
    }));
    const before = { bytes: 5, entries: 0 };
    expect(change).toEqual({ before, after: { bytes: 105, entries: 3 } });
    expect((await ledger.usage(anna)).usedEntries).toBe(3);
    expect(await usedBytes()).toBe(105);
    expect(await storedBytes()).toBe(SLAB + 100);
    await ledger.settleAll();
    expect(await storedBytes()).toBe(105);
  });

  test('is made at one moment, though others spend all the time', async () => {
    let [spentBytes, spentEntries] = [0, 0];
    let isOver = false;
    const spend = async () => {
      while (!isOver) {
        await ledger.spend(anna, 1000, 1);
        spentBytes += 1000;
        spentEntries += 1;
        await new Promise(setImmediate);
      }
    };
    const spending = [spend(), spend(), spend()];
    for (let count = 0; count < 50; count += 1) {
      await ledger.correct(anna, (charged) => {
        expect(charged).toEqual({ bytes: spentBytes, entries: spentEntries });
        return charged;
      });
    }
    isOver = true;
    await Promise.all(spending);
    expect(await usedBytes()).toBe(spentBytes);
  });

  test('is tried again when another process has changed the database meanwhile', async () => {
    await ledger.spend(anna, 5);
    const measured: number[] = [];
    jest.spyOn(quotas, 'replaceUsed').mockImplementationOnce(async () => {
      await quotas.take(anna, { bytes: 7, entries: 0 });
      return false;
    });
    const after = { bytes: 100, entries: 0 };
    const measure = ({ bytes }: Usage) => {
      measured.push(bytes);
      return after;
    };
    const before = { bytes: 12, entries: 0 };
    expect(await ledger.correct(anna, measure)).toEqual({ before, after });
    expect(measured).toEqual([5, 12]);
    expect(await usedBytes()).toBe(100);
  });

  test('stops the next upload of an account that turns out to be over its limit', async () => {
    await ledger.spend(anna, 5);
    await ledger.correct(anna, () => ({ bytes: LIMIT + 1, entries: 0 }));
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
  });

  test('changes nothing of an account that has been removed, or if nothing can be told', async () => {
    expect(await ledger.correct(999, () => ({ bytes: 5, entries: 0 }))).toBeUndefined();
    await ledger.spend(anna, 5);
    expect(await ledger.correct(anna, () => undefined)).toBeUndefined();
    expect(await usedBytes()).toBe(5);
  });

  test('an account gets back no more than it was charged for, and is reported', async () => {
    await ledger.spend(anna, 5 * MIB);
    // Files of 100 MiB that somebody else has put there are deleted.
    for (let count = 0; count < 100; count += 1) ledger.refund(anna, MIB);
    expect(await usedBytes()).toBe(0);
    expect(uncharged).toContain(anna);
    await ledger.spend(anna, 90 * MIB);
    await ledger.spend(anna, 10 * MIB);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
    await ledger.settleAll();
    expect(await storedBytes()).toBe(LIMIT);
  });

  test('the same if the account has spent nothing before', async () => {
    ledger.refund(anna, 5 * MIB);
    await ledger.spend(anna, MIB);
    await ledger.settleAll();
    expect(await storedBytes()).toBe(MIB);
    expect(uncharged).toEqual([anna]);
  });
});

describe('QuotaLedger beside another process', () => {
  let directory: string;
  let database: Database;
  let other: Database;
  let ledger: QuotaLedger;
  let anna: number;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-quota-'));
    const filename = join(directory, 'myftp.db');
    [database, other] = [openDatabase(filename), openDatabase(filename)];
    await migrate(database.queries);
    anna = await addAccount(database);
    ledger = new QuotaLedger({
      quotas: await joinedMember(database),
      dataVersion: () => database.dataVersion(),
      onSettleError: () => {},
    });
  });

  afterEach(async () => {
    await ledger.settleAll();
    await Promise.all([database.close(), other.close()]);
    await rm(directory, { recursive: true });
  });

  test('a lowered limit stops the very next byte, reserved or not', async () => {
    await ledger.spend(anna, 10);
    await new QuotaRepository(other.queries).setLimit(anna, 12);
    await expect(ledger.spend(anna, 3)).rejects.toThrow(QuotaExceededError);
    await ledger.spend(anna, 2);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
  });

  test('once the usage has shown no room, what was reserved before a lowered limit is not spent', async () => {
    const late = new QuotaLedger({
      quotas: await joinedMember(database),
      // Asked for only now and then, the version does not tell of the change yet.
      dataVersion: () => 1,
      onSettleError: () => {},
    });
    await late.spend(anna, 10);
    await new QuotaRepository(other.queries).setLimit(anna, 10);
    expect(await late.usage(anna)).toMatchObject({ limitBytes: 10, usedBytes: 10 });
    await expect(late.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
    await late.settleAll();
  });

  test('a raised limit counts at once', async () => {
    await ledger.spend(anna, LIMIT);
    await new QuotaRepository(other.queries).setLimit(anna, LIMIT + 1);
    await ledger.spend(anna, 1);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
  });

  test('two ledgers on one database stay within the limit together', async () => {
    const second = new QuotaLedger({
      quotas: await joinedMember(other),
      dataVersion: () => other.dataVersion(),
      onSettleError: () => {},
    });
    const spends = Array.from({ length: 130 }, async (_, index) => {
      await (index % 2 === 0 ? ledger : second).spend(anna, MIB);
    });
    const results = await Promise.allSettled(spends);
    await Promise.all([ledger.settleAll(), second.settleAll()]);
    const spentBytes = results.filter(({ status }) => status === 'fulfilled').length * MIB;
    expect(spentBytes).toBeLessThanOrEqual(LIMIT);
    const stored = await new QuotaRepository(database.queries).find(anna);
    expect(stored?.usedBytes).toBe(spentBytes);
  });
});

function addAccount({ queries }: Database): Promise<number> {
  return new AccountRepository(queries).create({
    username: 'anna',
    passwordHash: 'x',
    home: 'anna',
    createdAtMs: 0,
    limitBytes: LIMIT,
  });
}

/** Failures other than the refusals that a full account gives. */
function unexpected(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((result) =>
    result.status === 'rejected' && !(result.reason instanceof QuotaExceededError)
      ? [result.reason]
      : [],
  );
}
