import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noSync } from '../disk/durability.ts';
import { NOTHING } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { QuotaExceededError } from '../errors/errors.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { noTrash } from '../testing/no-trash.ts';
import { TurnCounter } from '../testing/turn-counter.ts';
import { PartialUploads } from './partial-uploads.ts';
import {
  MAX_DROPPED_AT_ONCE,
  MAX_PARTIALS,
  type Recovery,
  WritableSpace,
} from './writable-space.ts';

interface Doubles {
  readonly spend?: () => Promise<void>;
  readonly recovery?: Recovery;
}

describe('the partials of an account', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-space-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Partials 0, 1, 2, ..., of which the first was worked on last. */
  async function setUp(count: number, { spend = async () => {}, recovery }: Doubles = {}) {
    const known = Array.from({ length: count }, (_, index) => ({
      id: `${index}`,
      path: `/p${index}` as VirtualPath,
      diskPath: join(directory, `${index}`),
      createdAtMs: 0,
      cutAtMs: count - index,
      held: NOTHING,
      beginNumber: index,
      makesWay: false,
    }));
    await Promise.all(known.slice(-5).map(({ diskPath }) => writeFile(diskPath, 'seven!!')));
    let refundedBytes = 0;
    const refund = (_accountId: number, bytes: number) => {
      refundedBytes += bytes;
    };
    const repository = {
      save: async () => true,
      remove: async () => {},
      rename: async () => {},
      loseNames: async () => {},
    };
    const onError = (error: unknown) => {
      throw error;
    };
    const partials = new PartialUploads({ accountId: 7, repository, known, onError });
    const change = (_accountId: number, task: () => Promise<void>) => task();
    const ledger = { refund, change, spend } as unknown as QuotaLedger;
    const parts = { accountId: 7, ledger, partials, trash: noTrash(), stagingPath: directory };
    const space = new WritableSpace({ ...parts, memberId: 'one', durability: noSync, recovery });
    return { space, partials, refundedBytes: () => refundedBytes };
  }

  test('beyond the most lose those that were worked on longest ago, with their space', async () => {
    const { space, partials, refundedBytes } = await setUp(MAX_PARTIALS + 3);
    await space.dropExcessPartials();
    expect(partials.count).toBe(MAX_PARTIALS);
    expect(partials.find(`/p${MAX_PARTIALS + 2}` as VirtualPath)).toBeUndefined();
    expect(partials.find('/p0' as VirtualPath)).toBeDefined();
    expect(refundedBytes()).toBe(3 * 'seven!!'.length);
  });

  test('without a name go before all that have one', async () => {
    const { space, partials } = await setUp(MAX_PARTIALS + 2);
    await partials.loseNames(['0', '1', '2']);
    await space.dropExcessPartials();
    const left = ['0', '1', '2'].map((id) => partials.get(id) !== undefined);
    expect([partials.count, left]).toEqual([MAX_PARTIALS, [true, false, false]]);
  });

  test('far beyond the most are dropped little by little, and the event loop gets its turns', async () => {
    const { space, partials } = await setUp(20_000);
    const turns = new TurnCounter();
    await space.dropExcessPartials();
    expect(turns.stop()).toBeGreaterThanOrEqual(19);
    expect(partials.count).toBe(20_000 - MAX_DROPPED_AT_ONCE);
    expect(partials.get('19999')).toBeUndefined();
    expect(partials.get(`${20_000 - MAX_DROPPED_AT_ONCE - 1}`)).toBeDefined();
  });

  test('make way in this order: without a name, cut by the quota, of the same name', async () => {
    const { space, partials } = await setUp(6);
    await partials.loseNames(['3', '4']);
    const [one, two] = [partials.get('1'), partials.get('2')];
    for (const cut of [two, one])
      if (cut !== undefined) await partials.add({ ...cut, makesWay: true });
    const gone = [];
    for (;;) {
      const before = [...partials.values()];
      if (!(await space.makeRoom('/p5' as VirtualPath))) break;
      gone.push(before.find(({ id }) => partials.get(id) === undefined)?.id);
    }
    expect(gone).toEqual(['3', '4', '1', '2', '5']);
  });

  test('make no way before an account that a crash has left in doubt is measured', async () => {
    let isMeasured = false;
    const { promise: measuring, resolve } = Promise.withResolvers<void>();
    const { space, partials } = await setUp(6, {
      spend: async () => {
        if (!isMeasured) throw new QuotaExceededError('full');
      },
      recovery: {
        measured: () => (isMeasured ? undefined : measuring),
        chargeKnown: () => undefined,
      },
    });
    await partials.loseNames(['3', '4']);
    const spending = space.spend(5, '/p5' as VirtualPath);
    await new Promise(setImmediate);
    expect(partials.count).toBe(6);
    isMeasured = true;
    resolve();
    await spending;
    expect(partials.count).toBe(6);
  });

  test('that would make way tell what they would give', async () => {
    const { space, partials } = await setUp(6);
    await partials.loseNames(['3', '4']);
    expect(await space.reclaimableBytes()).toBe(2 * 'seven!!'.length);
  });

  test('below a directory lose their names together', async () => {
    const { space, partials } = await setUp(3000);
    await space.loseNamesWithin('/' as VirtualPath);
    expect([...partials.nameless()]).toHaveLength(3000);
  });

  test('that are in use stay', async () => {
    const { space, partials } = await setUp(MAX_PARTIALS + 1);
    const oldest = partials.find(`/p${MAX_PARTIALS}` as VirtualPath);
    if (oldest !== undefined) partials.claim(oldest);
    await space.dropExcessPartials();
    expect(partials.count).toBe(MAX_PARTIALS);
    expect(partials.find(`/p${MAX_PARTIALS}` as VirtualPath)).toBe(oldest);
  });

  test('up to the most stay', async () => {
    const { space, partials } = await setUp(MAX_PARTIALS);
    await space.dropExcessPartials();
    expect(partials.count).toBe(MAX_PARTIALS);
  });
});
