import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Semaphore } from '../scheduling/semaphore.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { AccountRecount, type RecountedSpace, RecountFailedError } from './account-recount.ts';
import { recountedUsage } from './recounted-usage.ts';

const ANNA = { id: 1, home: 'anna' };
const isRoot = process.getuid?.() === 0;

describe('AccountRecount', () => {
  let workers: WorkerPool;
  let rootDir: string;
  let space: RecountedSpace & { inPlaceAppends: number };
  let charged: { bytes: number; entries: number };
  let recount: AccountRecount;

  beforeAll(() => {
    workers = new WorkerPool({ threads: 1 });
  });
  afterAll(() => workers.close());

  beforeEach(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'myftp-recount-'));
    const stagingPath = join(rootDir, '.staging', '1');
    await mkdir(stagingPath, { recursive: true });
    await mkdir(join(rootDir, 'anna', 'd'), { recursive: true });
    await writeFile(join(rootDir, 'anna', 'd', 'f'), 'xx');
    charged = { bytes: 100, entries: 7 };
    const running = { ended: 0, chargedBytes: 0, hasId: () => false };
    space = {
      nameLock: new Semaphore(1),
      stagingPath,
      runningPath: join(stagingPath, 'member-one'),
      inPlaceAppends: 0,
      reservedEntries: 0,
      trash: { chargedBytes: 0, measure: async () => {} },
      running,
    };
    recount = new AccountRecount({
      rootDir,
      workers,
      spaceOf: () => space,
      ledger: {
        async correct(_, measure) {
          const after = measure(charged);
          return after === undefined ? undefined : { before: charged, after };
        },
      },
    });
  });
  afterEach(async () => {
    await chmod(join(rootDir, 'anna', 'd'), 0o700).catch(() => {});
    await rm(rootDir, { recursive: true });
  });

  const run = (signal = new AbortController().signal) =>
    recount.run(ANNA, { pace: 'fast', signal });

  test('sums the home, idle files of the staging area, running uploads, the trash and reserved entries', async () => {
    await writeFile(join(space.stagingPath, 'idle'), 'xxx');
    await writeFile(join(space.stagingPath, 'running'), 'xxxx');
    await mkdir(space.runningPath);
    await writeFile(join(space.runningPath, 'not moved'), 'xxxxxx');
    await writeFile(join(space.runningPath, 'running'), 'xxxx');
    const running = { ended: 0, chargedBytes: 1000, hasId: (id: string) => id === 'running' };
    const trash = { chargedBytes: 10_000, measure: async () => {} };
    space = { ...space, running, reservedEntries: 5, trash };
    await symlink('nowhere', join(rootDir, 'anna', 'link'));
    expect((await run()).after).toEqual({ bytes: 2 + 3 + 6 + 1000 + 10_000, entries: 3 + 5 });
  });

  test('refuses to take a root that is not mounted for empty homes', async () => {
    space = { ...space, stagingPath: join(rootDir, 'elsewhere', '1') };
    await expect(run()).rejects.toThrow('the directory of the homes is not mounted');
  });

  test('ends when it is told to, and lets changes of names go on', async () => {
    const controller = new AbortController();
    const running = run(controller.signal);
    controller.abort();
    await expect(running).rejects.toThrow(controller.signal.reason);
    expect(await space.nameLock.run(async () => 'goes on')).toBe('goes on');
  });

  test('reads everything again if a file has been appended to in place meanwhile', async () => {
    const told: unknown[] = [];
    const size = { sizeBytes: 2, entries: 1, unread: { count: 0, named: [] } };
    const job = {
      tell: (pass: unknown) => told.push(pass),
      async take() {
        if (told.length === 2) space.inPlaceAppends += 1;
        return { kind: 'size', size };
      },
      cancel: async () => {},
    };
    const usage = { bytes: 2, entries: 1 };
    const ledger = { correct: async () => ({ before: usage, after: usage }) };
    const start = () => job as never;
    recount = new AccountRecount({ rootDir, workers: { start }, spaceOf: () => space, ledger });
    await run();
    expect(told).toEqual([
      { pace: 'fast', reads: 'changes' },
      { pace: 'fast', reads: 'changes' },
      { pace: 'fast', reads: 'all' },
    ]);
  });

  test('gives up on an account whose uploads end all the time', async () => {
    let ended = 0;
    const running = {
      get ended() {
        ended += 1;
        return ended;
      },
      chargedBytes: 0,
      hasId: () => false,
    };
    space = { ...space, running };
    await expect(run()).rejects.toThrow(RecountFailedError);
  });

  (isRoot ? test.skip : test)(
    `does not lower the charge while a directory cannot be read${isRoot ? ' (root can read it)' : ''}`,
    async () => {
      await chmod(join(rootDir, 'anna', 'd'), 0);
      const { after, home } = await run();
      expect(after).toEqual(charged);
      expect(home.unread).toEqual({ count: 1, named: [{ path: '/d', code: 'EACCES' }] });
    },
  );
});

test.each([
  { bytes: 5, entries: 2, isComplete: true, used: { bytes: 5, entries: 2 } },
  { bytes: 500, entries: 20, isComplete: true, used: { bytes: 500, entries: 20 } },
  { bytes: 5, entries: 20, isComplete: false, used: { bytes: 100, entries: 20 } },
  { bytes: 500, entries: 2, isComplete: false, used: { bytes: 500, entries: 10 } },
])(
  'of 100 bytes in 10 entries, $bytes and $entries measured (complete: $isComplete) leave $used',
  (found) => {
    expect(recountedUsage(found, { bytes: 100, entries: 10 })).toEqual(found.used);
  },
);
