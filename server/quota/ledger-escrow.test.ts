import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { AccountRepository } from '../../db/account-repository.ts';
import type { EscrowRepository } from '../../db/escrow-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import type { Usage } from '../../db/quota-repository.ts';
import { joinedMember } from '../testing/joined-member.ts';
import { QuotaLedger } from './quota-ledger.ts';

const MIB = 1024 * 1024;
const SLAB = 8 * MIB;
const LIMIT = 100 * MIB;
const NOTHING = { bytes: 0, entries: 0 };

describe('the escrow of QuotaLedger', () => {
  let database: Database;
  let quotas: EscrowRepository;
  let ledger: QuotaLedger;
  let anna: number;
  let inUploads: Usage;

  beforeEach(async () => {
    database = openDatabase(':memory:');
    await migrate(database.queries);
    quotas = await joinedMember(database);
    anna = await new AccountRepository(database.queries).create({
      ...{ username: 'anna', passwordHash: 'x', home: 'anna', createdAtMs: 0, limitBytes: LIMIT },
    });
    inUploads = NOTHING;
    ledger = new QuotaLedger({
      quotas,
      inUploads: () => inUploads,
      dataVersion: () => 1,
      onSettleError: () => {},
    });
  });
  afterEach(async () => {
    inUploads = NOTHING;
    await ledger.settleAll();
    await database.close();
  });

  const escrow = () =>
    database.queries.selectFrom('quota_escrow').select(['bytes', 'entries']).executeTakeFirst();
  const usedBytes = async () => (await quotas.find(anna))?.usedBytes ?? Number.NaN;

  test('is what is reserved, and goes when the account is settled', async () => {
    expect(await escrow()).toBeUndefined();
    await ledger.spend(anna, 5);
    expect(await escrow()).toEqual({ bytes: SLAB, entries: 0 });
    await ledger.settleAll();
    expect([await escrow(), await usedBytes()]).toEqual([undefined, 5]);
  });

  test('is in the database before what it is for', async () => {
    const seen: unknown[] = [];
    const take = quotas.take.bind(quotas);
    jest.spyOn(quotas, 'take').mockImplementation(async (...request) => {
      seen.push(await escrow());
      return await take(...request);
    });
    await ledger.spend(anna, 5);
    expect(seen).toEqual([{ bytes: SLAB, entries: 0 }]);
  });

  test('stays for uploads that run, with what they are charged, and costs no statements until they end', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await ledger.spend(anna, 5, 1);
    inUploads = { bytes: 5, entries: 1 };
    await jest.advanceTimersByTimeAsync(600);
    await ledger.settleAll();
    expect(await escrow()).toEqual({ bytes: 5, entries: 1 });
    const record = jest.spyOn(quotas, 'record');
    await jest.advanceTimersByTimeAsync(2000);
    expect(record).not.toHaveBeenCalled();
    inUploads = NOTHING;
    await jest.advanceTimersByTimeAsync(600);
    jest.useRealTimers();
    await ledger.settleAll();
    expect([await escrow(), await usedBytes()]).toEqual([undefined, 5]);
  });

  test('exists during a change that takes nothing, and until its refund is settled', async () => {
    await ledger.spend(anna, 50);
    await ledger.settleAll();
    await ledger.change(anna, async () => {
      expect(await escrow()).toEqual(NOTHING);
      // A settlement in the middle leaves it.
      await ledger.settleAll();
      expect(await escrow()).toEqual(NOTHING);
      ledger.refund(anna, 50);
    });
    expect(await escrow()).toEqual(NOTHING);
    await ledger.settleAll();
    expect([await escrow(), await usedBytes()]).toEqual([undefined, 0]);
  });

  test('a change does not begin if it cannot be recorded', async () => {
    jest.spyOn(quotas, 'record').mockRejectedValueOnce(new Error('disk I/O error'));
    const task = jest.fn(async () => {});
    await expect(ledger.change(anna, task)).rejects.toThrow('disk I/O error');
    expect(task).not.toHaveBeenCalled();
    await ledger.change(anna, task);
    expect(task).toHaveBeenCalled();
  });

  test('many changes of an account in use cost one statement', async () => {
    const record = jest.spyOn(quotas, 'record');
    for (let count = 0; count < 1000; count += 1) await ledger.change(anna, async () => {});
    expect(record).toHaveBeenCalledTimes(1);
  });

  test('what is refunded to an account that is not recorded is not spent before it is', async () => {
    await ledger.spend(anna, 50);
    await ledger.settleAll();
    ledger.refund(anna, 20);
    await ledger.spend(anna, 10);
    expect(await escrow()).toBeDefined();
  });

  test('one that cannot be removed stays known, and is removed later', async () => {
    await ledger.spend(anna, 5);
    jest.spyOn(quotas, 'remove').mockRejectedValueOnce(new Error('disk I/O error'));
    await expect(ledger.settleAll()).rejects.toThrow('disk I/O error');
    expect([await escrow(), await usedBytes()]).toEqual([{ bytes: SLAB, entries: 0 }, 5]);
    await ledger.settleAll();
    expect(await escrow()).toBeUndefined();
  });

  test('of a dead member is not part of the charge that a recount compares with, and goes with it', async () => {
    const dead = await joinedMember(database);
    await dead.record(anna, { bytes: SLAB, entries: 4 });
    await dead.take(anna, { bytes: SLAB + 100, entries: 5 });
    await database.queries
      .updateTable('member')
      .set({ died_at_ms: 1 })
      .where('id', 'in', database.queries.selectFrom('quota_escrow').select('member_id'))
      .execute();
    await ledger.spend(anna, 7);
    const correction = await ledger.correct(anna, (charged) => charged);
    expect(correction?.before).toEqual({ bytes: 107, entries: 1 });
    expect(await quotas.findDead(anna)).toBeUndefined();
    await ledger.settleAll();
    expect(await usedBytes()).toBe(107);
  });

  test('covers at any time whatever a crash would leave wrong', async () => {
    const kind = fc.constantFrom('spend', 'publish', 'delete', 'settle');
    const step = fc.record({ kind, bytes: fc.integer({ min: 1, max: 20 * MIB }) });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let published = 0;
      const actions = {
        async spend(bytes: number) {
          const isSpent = async () => ledger.spend(anna, bytes);
          await isSpent().then(
            () => {
              inUploads = { bytes: inUploads.bytes + bytes, entries: 0 };
            },
            () => {},
          );
        },
        publish: () =>
          ledger.change(anna, async () => {
            published += inUploads.bytes;
            inUploads = NOTHING;
          }),
        delete: (bytes: number) =>
          ledger.change(anna, async () => {
            const deleted = Math.min(bytes, published);
            published -= deleted;
            ledger.refund(anna, deleted);
          }),
        settle: () => ledger.settleAll(),
      };
      for (const { kind, bytes } of steps) {
        await actions[kind as keyof typeof actions](bytes);
        const used = await usedBytes();
        const row = await escrow();
        expect(used).toBeGreaterThanOrEqual(published + inUploads.bytes);
        if (row === undefined) expect(used).toBe(published);
      }
      await actions.publish();
      await actions.delete(LIMIT);
      await ledger.settleAll();
      expect([await escrow(), await usedBytes()]).toEqual([undefined, 0]);
    });
    await fc.assert(property, { numRuns: 100 });
  });
});
