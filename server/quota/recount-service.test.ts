import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AccountRepository } from '../../db/account-repository.ts';
import { DatabaseBusyError } from '../../db/database-error.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { RecountRepository } from '../../db/recount-repository.ts';
import { silentLogs } from '../logging/logging.ts';
import { RecountFailedError } from './account-recount.ts';
import { RecountService } from './recount-service.ts';

const DAY_MS = 86_400_000;
const BEFORE = { bytes: 7, entries: 3 };
const AFTER = { bytes: 5, entries: 2 };
const UNREAD = { count: 0, named: [] };

describe('RecountService', () => {
  let database: Database;
  let recounts: RecountRepository;
  let service: RecountService;
  let nowMs: number;
  let dataVersion: number;
  let runs: string[];
  let onRun: (username: string, signal: AbortSignal) => Promise<void>;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'Date'] });
    database = openDatabase(':memory:');
    await migrate(database.queries);
    recounts = new RecountRepository(database.queries);
    nowMs = 100 * DAY_MS;
    dataVersion = 1;
    runs = [];
    onRun = async () => {};
    for (const username of ['anna', 'bert']) {
      await new AccountRepository(database.queries).create({
        ...{ username, passwordHash: 'x', home: username, limitBytes: 10 },
        createdAtMs: 90 * DAY_MS,
      });
    }
  });
  afterEach(async () => {
    await service.stop();
    jest.useRealTimers();
    await database.close();
  });

  function start(everyMs: number): void {
    service = new RecountService({
      recounts,
      recount: {
        async run(account, { pace, signal }) {
          runs.push(`${account.home} ${pace}`);
          await onRun(account.home, signal);
          const home = { sizeBytes: 5, entries: 2, unread: UNREAD };
          return { before: BEFORE, after: AFTER, home };
        },
      },
      database: { dataVersion: () => dataVersion },
      log: silentLogs().server,
      now: () => nowMs,
      everyMs,
    });
    service.start();
  }

  /** Until nothing is done any more without time passing. */
  async function pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  }

  test('serves requests of other processes, and writes down what it found', async () => {
    start(0);
    await pass(1000);
    const id = await recounts.request(2, nowMs);
    await pass(1000);
    expect(runs).toEqual([]);
    dataVersion = 2;
    await pass(1000);
    expect(runs).toEqual(['bert fast']);
    expect((await recounts.find(id))?.result).toEqual({
      ...{ kind: 'corrected', before: BEFORE, after: AFTER, unreadDirectories: 0 },
    });
  });

  test('tells why an account could not be recounted, and goes on', async () => {
    const ids = [await recounts.request(1, nowMs), await recounts.request(2, nowMs)];
    onRun = async (username) => {
      if (username === 'anna') throw new RecountFailedError('too busy');
      throw new Error('/disk/path');
    };
    start(0);
    await pass(1000);
    const results = await Promise.all(ids.map(async (id) => (await recounts.find(id))?.result));
    expect(results).toEqual([
      { kind: 'failed', problem: 'too busy' },
      { kind: 'failed', problem: 'see the log of the server' },
    ]);
  });

  test('writes a result down later when the database is locked', async () => {
    start(0);
    jest.spyOn(recounts, 'finish').mockRejectedValueOnce(new DatabaseBusyError('locked'));
    const id = await recounts.request(2, nowMs);
    dataVersion = 2;
    await pass(500);
    expect((await recounts.find(id))?.result).toBeUndefined();
    await pass(500);
    expect((await recounts.find(id))?.result?.kind).toBe('corrected');
    expect(runs).toEqual(['bert fast']);
  });

  test('recounts each account slowly when it is due, and not before', async () => {
    start(7 * DAY_MS);
    await pass(1000);
    expect(runs).toEqual(['anna slow', 'bert slow']);
    nowMs += 6 * DAY_MS;
    await pass(120_000);
    expect(runs).toHaveLength(2);
    nowMs += 2 * DAY_MS;
    await pass(120_000);
    expect(runs).toEqual(['anna slow', 'bert slow', 'anna slow', 'bert slow']);
  });

  test('an account that always fails does not keep the others from their turn', async () => {
    onRun = async (username) => {
      if (username === 'anna') throw new Error('disk');
    };
    start(7 * DAY_MS);
    await pass(1000);
    expect(runs).toEqual(['anna slow', 'bert slow']);
  });

  test('recounts an account that cannot be right, without a schedule', async () => {
    start(0);
    service.suspect(2);
    service.suspect(2);
    service.suspect(99);
    await pass(1000);
    expect(runs).toEqual(['bert slow']);
  });

  test('counts accounts of an earlier version once after the start, also without a schedule', async () => {
    await database.queries.updateTable('quota').set({ entries_counted: 0 }).execute();
    onRun = async (username) => {
      if (username === 'anna') throw new Error('disk');
    };
    start(0);
    await pass(5000);
    expect(runs).toEqual(['anna slow', 'bert slow']);
    // One that could not be counted is tried again at the next start.
    expect(await recounts.findUncounted()).toEqual([1]);
  });

  test('a request does not wait for a slow recount', async () => {
    let release = () => {};
    onRun = (username) =>
      username === 'anna' && runs.length === 1
        ? new Promise((resolve) => {
            release = resolve;
          })
        : Promise.resolve();
    start(7 * DAY_MS);
    await pass(1000);
    const id = await recounts.request(2, nowMs);
    dataVersion = 2;
    await pass(1000);
    expect((await recounts.find(id))?.result?.kind).toBe('corrected');
    release();
  });

  test('a recount that the stop has ended is due again at the next start', async () => {
    onRun = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    start(7 * DAY_MS);
    await pass(1000);
    await service.stop();
    expect((await recounts.findDue(nowMs - 7 * DAY_MS))?.username).toBe('anna');
  });
});
