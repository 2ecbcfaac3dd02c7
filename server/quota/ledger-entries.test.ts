import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { AccountRepository } from '../../db/account-repository.ts';
import type { EscrowRepository } from '../../db/escrow-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { QuotaExceededError, TooManyFilesError } from '../errors/errors.ts';
import { joinedMember } from '../testing/joined-member.ts';
import { QuotaLedger } from './quota-ledger.ts';
import { UNLIMITED } from './unlimited.ts';

const GIB = 1024 ** 3;
const LIMIT = 100;

describe('the entries of QuotaLedger', () => {
  let database: Database;
  let quotas: QuotaRepository;
  let escrow: EscrowRepository;
  let ledger: QuotaLedger;
  let anna: number;
  let uncharged: number[];
  let dataVersion: number;

  beforeEach(async () => {
    database = openDatabase(':memory:');
    await migrate(database.queries);
    quotas = new QuotaRepository(database.queries);
    escrow = await joinedMember(database);
    anna = await new AccountRepository(database.queries).create({
      ...{ username: 'anna', passwordHash: 'x', home: 'anna', createdAtMs: 0 },
      ...{ limitBytes: GIB, limitEntries: LIMIT },
    });
    uncharged = [];
    dataVersion = 1;
    ledger = new QuotaLedger({
      quotas: escrow,
      dataVersion: () => dataVersion,
      onSettleError: () => {},
      onUncharged: (accountId) => uncharged.push(accountId),
    });
  });
  afterEach(async () => {
    await ledger.settleAll();
    await database.close();
  });

  const used = async () => (await ledger.usage(anna)).usedEntries;
  const stored = async () => (await quotas.find(anna))?.usedEntries;
  const spend = async (entries: number) => ledger.spend(anna, 0, entries);
  async function setLimit(entries: number): Promise<void> {
    await quotas.setEntryLimit(anna, entries);
    dataVersion += 1;
  }

  test('can be spent to the last one, and no further', async () => {
    for (let count = 0; count < LIMIT; count += 1) await spend(1);
    await expect(spend(1)).rejects.toThrow(
      new TooManyFilesError(
        'Quota exceeded: 100 of 100 files and directories are used; delete some first.',
      ),
    );
    ledger.refund(anna, 0, 1);
    await spend(1);
    expect(await used()).toBe(LIMIT);
  });

  test('are spent by as many at once as fit', async () => {
    const results = await Promise.allSettled(Array.from({ length: 150 }, () => spend(1)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(LIMIT);
    await ledger.settleAll();
    expect(await stored()).toBe(LIMIT);
  });

  test('of many small files cost a statement for every 1,024, bytes included', async () => {
    await setLimit(UNLIMITED);
    const take = jest.spyOn(escrow, 'take');
    for (let count = 0; count < 10_240; count += 1) {
      await ledger.spend(anna, 0, 1);
      await ledger.spend(anna, 100);
    }
    expect(take).toHaveBeenCalledTimes(10);
    await ledger.settleAll();
    expect(await quotas.find(anna)).toMatchObject({ usedBytes: 1_024_000, usedEntries: 10_240 });
  });

  test('cost few statements also where the limit is small', async () => {
    const take = jest.spyOn(escrow, 'take');
    for (let count = 0; count < LIMIT; count += 1) await spend(1);
    expect(take.mock.calls.length).toBeLessThan(10);
  });

  test('stop at a lowered limit at once, and start again below it', async () => {
    await spend(50);
    await setLimit(40);
    await expect(spend(1)).rejects.toThrow('50 of 40 files');
    ledger.refund(anna, 0, 10);
    await expect(spend(1)).rejects.toThrow('40 of 40 files');
    ledger.refund(anna, 0, 1);
    await spend(1);
    expect(await used()).toBe(40);
  });

  test('beyond the limit do not keep bytes from being written without a look, nor the other way', async () => {
    await ledger.spend(anna, 1, 50);
    await setLimit(40);
    await ledger.spend(anna, 1);
    expect(ledger.spend(anna, 1)).toBeUndefined();
    await quotas.setLimit(anna, 1);
    await setLimit(60);
    await expect(ledger.spend(anna, 1)).rejects.toThrow(QuotaExceededError);
    await spend(1);
    expect(ledger.spend(anna, 0, 1)).toBeUndefined();
  });

  test('that were never charged give no room, and the account is reported', async () => {
    await spend(5);
    ledger.refund(anna, 0, 7);
    expect(await used()).toBe(0);
    expect(uncharged).toContain(anna);
    await spend(LIMIT);
    await expect(spend(1)).rejects.toThrow(TooManyFilesError);
  });

  test('no order of spends, refunds, corrections and settles breaks the limit or loses one', async () => {
    const kind = fc.constantFrom(
      ...(['spend', 'spend', 'spend', 'refund', 'settle', 'correct', 'wait'] as const),
    );
    const step = fc.record({
      kind,
      entries: fc.integer({ min: 1, max: 5 }),
      bytes: fc.constantFrom(0, 0, 1000, GIB / 20),
    });
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(UNLIMITED, 3, 20, 60),
      async (steps, limit) => {
        await setLimit(limit);
        const held = { bytes: 0, entries: 0 };
        const pending: Promise<unknown>[] = [];
        const actions = {
          async spend(bytes: number, entries: number) {
            const waiting = ledger.spend(anna, bytes, entries);
            if (waiting !== undefined) await waiting;
            held.bytes += bytes;
            held.entries += entries;
            expect(held.entries).toBeLessThanOrEqual(limit);
          },
          settle: () => ledger.settleAll(),
          wait: () => Promise.all(pending),
          async correct() {
            await ledger.correct(anna, (charged) => {
              expect(charged).toEqual(held);
              return charged;
            });
          },
          async refund(wantedBytes: number, wantedEntries: number) {
            const bytes = Math.min(wantedBytes, held.bytes);
            const entries = Math.min(wantedEntries, held.entries);
            held.bytes -= bytes;
            held.entries -= entries;
            ledger.refund(anna, bytes, entries);
          },
        };
        for (const { kind, bytes, entries } of steps) {
          const action = actions[kind](bytes, entries).catch((error: unknown) => {
            const isRefusal =
              error instanceof TooManyFilesError || error instanceof QuotaExceededError;
            if (!isRefusal) throw error;
          });
          if (kind === 'wait') await action;
          else pending.push(action);
        }
        await Promise.all(pending);
        await ledger.settleAll();
        expect(await quotas.find(anna)).toMatchObject({
          ...{ usedBytes: held.bytes, usedEntries: held.entries },
        });
        ledger.refund(anna, held.bytes, held.entries);
        await ledger.settleAll();
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});
