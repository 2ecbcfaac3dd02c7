import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { RetentionAccount, RetentionByDirectory } from '../../db/retention-repository.ts';
import { noSync } from '../disk/durability.ts';
import { UNLIMITED } from '../quota/unlimited.ts';
import { ENDLESS_TRANSFER } from '../testing/endless-transfer.ts';
import { RecountedAccount } from '../testing/recounted-account.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { OldestFirst } from './oldest-first.ts';
import type { RetentionLog } from './retention-log.ts';
import { RetentionService } from './retention-service.ts';

const HOUR_MS = 3_600_000;
const rule = { deleteAfterMs: 10 * HOUR_MS, isOldestFirst: false, removesEmpty: false };

let workers: WorkerPool;
let account: RecountedAccount;
let service: RetentionService;
let rules: RetentionByDirectory;
let nowMs: number;
let deleted: string[];

beforeAll(() => {
  workers = new WorkerPool();
});
afterAll(() => workers.close());

beforeEach(async () => {
  [nowMs, deleted, rules] = [Date.now(), [], { '/': rule }];
  const log: Partial<RetentionLog> = {
    deleted: (_, { path }) => void deleted.push(path),
    failed(_, error) {
      throw error;
    },
  };
  const anna = (): RetentionAccount => {
    const own = { own: rules, effective: rules, shared: [] };
    return { id: 1, username: 'anna', group: undefined, ...own };
  };
  account = await RecountedAccount.create({
    ...{ workers, durability: noSync, limitBytes: UNLIMITED, sessions: 1 },
    roomMaker(parts) {
      const deps = {
        ...parts,
        ...{ accounts: { find: async () => parts.account }, log: log as RetentionLog },
        rules: {
          findById: async () => anna(),
          findByUsername: async () => anna(),
          listAfter: async (id: number) => (id === 0 ? [anna()] : []),
        },
        now: () => nowMs,
      };
      service = new RetentionService(deps);
      return new OldestFirst(deps);
    },
  });
  service.start();
});
afterEach(async () => {
  await service.stop();
  await account.dispose();
});

async function store(path: string): Promise<void> {
  const file = await account.sessions[0]?.write(path);
  await file?.begin(ENDLESS_TRANSFER);
  await file?.write(Buffer.from('octets'));
  await file?.publish();
}

async function look(afterMs: number): Promise<readonly string[]> {
  nowMs += afterMs;
  await service.sweep();
  return deleted.splice(0).sort();
}

test('a file goes when two looks in a row find it too old', async () => {
  await store('/a');
  expect(await look(9 * HOUR_MS)).toEqual([]);
  expect(await look(2 * HOUR_MS)).toEqual([]);
  expect(await look(1 * HOUR_MS)).toEqual(['/a']);
  expect(await account.charged()).toEqual({ bytes: 0, entries: 0 });
});

test('a clock that is wrong for one look deletes nothing', async () => {
  await store('/a');
  expect(await look(10_000 * HOUR_MS)).toEqual([]);
  expect(await look(-9_999 * HOUR_MS)).toEqual([]);
  expect(await look(1 * HOUR_MS)).toEqual([]);
});

test('the longest directory decides, also where it keeps everything', async () => {
  rules = {
    '/': rule,
    '/kept': { ...rule, deleteAfterMs: 0 },
    '/kept/short': { ...rule, deleteAfterMs: HOUR_MS },
  };
  for (const path of ['kept', 'kept/short']) await account.sessions[0]?.mkdir(path);
  for (const path of ['/a', '/kept/b', '/kept/short/c']) await store(path);
  await look(2 * HOUR_MS);
  expect(await look(1 * HOUR_MS)).toEqual(['/kept/short/c']);
  await look(10 * HOUR_MS);
  expect(await look(1 * HOUR_MS)).toEqual(['/a']);
});
