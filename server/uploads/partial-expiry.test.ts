import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noSync } from '../disk/durability.ts';
import { NOTHING } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { noTrash } from '../testing/no-trash.ts';
import { TurnCounter } from '../testing/turn-counter.ts';
import { PartialExpiry } from './partial-expiry.ts';
import type { PartialUpload } from './partial-upload.ts';
import { PartialUploads } from './partial-uploads.ts';
import { WritableSpace } from './writable-space.ts';

const KEEP_MS = 1000;
const START_MS = 1_700_000_000_000;

describe('PartialExpiry', () => {
  let directory: string;
  let nowMs: number;
  let refundedBytes: number;
  let events: unknown[];
  let partials: PartialUploads;
  let expiry: PartialExpiry;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-expiry-'));
    nowMs = START_MS;
    refundedBytes = 0;
    events = [];
    const repository = { save: async () => true, remove: none, rename: none, loseNames: none };
    partials = new PartialUploads({ accountId: 7, repository, known: [], onError });
    openSpace();
  });
  afterEach(() => rm(directory, { recursive: true }));

  const none = async () => {};
  const onError = () => {};

  function openSpace(): void {
    const ledger = {
      refund: (_id: number, bytes: number) => (refundedBytes += bytes),
      change: (_id: number, task: () => Promise<void>) => task(),
    };
    const space = new WritableSpace({
      accountId: 7,
      ledger: ledger as unknown as QuotaLedger,
      partials,
      trash: noTrash(),
      stagingPath: directory,
      memberId: 'one',
      durability: noSync,
    });
    expiry = new PartialExpiry({
      spaces: () => [space],
      keepMs: KEEP_MS,
      now: () => nowMs,
      onExpired: ({ accountId, path, sizeBytes }) =>
        void events.push({ accountId, path, sizeBytes }),
      onError: (error, { path }) => events.push([(error as NodeJS.ErrnoException).code, path]),
    });
  }

  async function add(id: string, changes: Partial<PartialUpload> = {}): Promise<PartialUpload> {
    const diskPath = join(directory, id);
    await writeFile(diskPath, '0123');
    const path = `/${id}` as VirtualPath;
    const claim = { held: NOTHING, beginNumber: partials.nextBeginNumber(), makesWay: false };
    const times = { createdAtMs: START_MS, cutAtMs: START_MS };
    const partial = { id, path, diskPath, ...times, ...claim, ...changes };
    await partials.add(partial);
    return partial;
  }

  async function look(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) await expiry.look();
  }

  test('one that was worked on lately stays', async () => {
    await add('a');
    nowMs += KEEP_MS - 1;
    await look(20);
    expect(await readdir(directory)).toEqual(['a']);
  });

  test('one that is too old goes, and its space is given back once', async () => {
    await add('a');
    await add('b', { cutAtMs: START_MS + 1 });
    nowMs += KEEP_MS;
    await look(5);
    expect(events).toEqual([{ accountId: 7, path: '/a', sizeBytes: 4 }]);
    expect(await readdir(directory)).toEqual(['b']);
    expect([...partials.values()].map(({ id }) => id)).toEqual(['b']);
    expect(refundedBytes).toBe(4);
  });

  test('one whose upload was begun long ago and worked on lately stays', async () => {
    await add('a', { createdAtMs: 0 });
    await look(3);
    expect(events).toEqual([]);
  });

  test('a clock that is ahead at one look harms nothing', async () => {
    await add('a');
    nowMs += 1e12;
    await look(1);
    nowMs = START_MS + 1;
    await look(1);
    nowMs += 1e12;
    await look(1);
    expect(events).toEqual([]);
  });

  test('a clock that is set back keeps them for their time, and not for ever', async () => {
    await add('a');
    nowMs -= 1e12;
    await look(KEEP_MS / expiry.intervalMs - 1);
    expect(events).toEqual([]);
    await look(1);
    expect(events).toHaveLength(1);
  });

  test('a clock that is set back and right again begins anew', async () => {
    await add('a');
    nowMs -= 1e12;
    await look(KEEP_MS / expiry.intervalMs - 1);
    nowMs = START_MS;
    await look(1);
    nowMs -= 1e12;
    await look(1);
    expect(events).toEqual([]);
  });

  test('one that is being carried on stays', async () => {
    const partial = await add('a');
    partials.claim(partial);
    nowMs += 2 * KEEP_MS;
    await look(5);
    expect(events).toEqual([]);
    partials.release(partial.id);
    await look(2);
    expect(events).toHaveLength(1);
  });

  test('one that is being read stays until the last reader is gone', async () => {
    const partial = await add('a');
    const ends = [partials.read(partial), partials.read(partial)];
    nowMs += 2 * KEEP_MS;
    for (const end of ends) {
      await look(3);
      expect(events).toEqual([]);
      end();
    }
    await look(2);
    expect(events).toHaveLength(1);
  });

  test('one that was carried on since the last look stays', async () => {
    const partial = await add('a');
    nowMs += 2 * KEEP_MS;
    await look(1);
    await partials.add({ ...partial, cutAtMs: nowMs });
    await look(3);
    expect(events).toEqual([]);
  });

  test('one that an earlier run has worked on after it was written down is kept from then on', async () => {
    const partial = await add('a');
    const { ctimeMs } = await stat(partial.diskPath);
    const repository = { save: async () => true, remove: none, rename: none, loseNames: none };
    partials = new PartialUploads({ accountId: 7, repository, known: [partial], onError });
    openSpace();
    nowMs += KEEP_MS;
    await look(2);
    expect(events).toEqual([]);
    nowMs = Math.floor(ctimeMs) + KEEP_MS;
    await look(2);
    expect(events).toHaveLength(1);
  });

  test('while many are looked through and expire, the event loop gets its turns', async () => {
    for (let count = 0; count < 1000; count += 1) await add(`partial ${count}`);
    nowMs += KEEP_MS;
    for (const expected of [1000, 0]) {
      const turns = new TurnCounter();
      await look(1);
      expect(turns.stop()).toBeGreaterThanOrEqual(15);
      expect(partials.count).toBe(expected);
    }
  });

  test('one that cannot be removed is told, stays charged and does not keep others', async () => {
    await writeFile(join(directory, 'file'), '');
    const diskPath = join(directory, 'file', 'not a directory');
    const partial = await add('a');
    await partials.add({ ...partial, id: 'stuck', path: '/0' as VirtualPath, diskPath });
    nowMs += KEEP_MS;
    await look(2);
    expect(events).toEqual([{ accountId: 7, path: '/a', sizeBytes: 4 }, ['ENOTDIR', '/0']]);
    expect([...partials.values()].map(({ id }) => id)).toEqual(['stuck']);
  });
});
