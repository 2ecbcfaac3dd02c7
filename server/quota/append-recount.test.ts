import { afterEach, expect, jest, test } from '@jest/globals';
import type { Durability } from '../disk/durability.ts';
import { treeSizeTask } from '../disk/tree-size-task.ts';
import type { SessionFiles } from '../files/session-files.ts';
import { ENDLESS_TRANSFER } from '../testing/endless-transfer.ts';
import { RecountedAccount } from '../testing/recounted-account.ts';
import { Job } from '../workers/job.ts';
import type { MessageToWorker } from '../workers/messages.ts';
import { TaskRunner } from '../workers/task-runner.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';

const signal = new AbortController().signal;

/** More than an append copies: it is made in place. */
const LARGE_BYTES = 1_500_000;
const APPENDED_BYTES = 40_000;

/** Does the work in this thread, where the clock is the one of the test. */
const workers = {
  start(task: string, input: unknown) {
    const post = (message: object) => runner.receive({ id: 1, ...message } as MessageToWorker);
    const job = new Job<unknown>({ post, signal });
    const send = job.receive.bind(job);
    const runner = new TaskRunner({ tasks: { 'tree-size': treeSizeTask }, send });
    runner.receive({ kind: 'start', id: 1, task, input });
    return job;
  },
} as Pick<WorkerPool, 'start'>;

let account: RecountedAccount;

afterEach(async () => {
  jest.restoreAllMocks();
  await account.dispose();
});

test.each([
  { when: 'before the file grows', sync: 2 },
  { when: 'after the file has grown', sync: 3 },
])('a recount that begins during an append in place, $when, counts all of it', async ({ sync }) => {
  const atSync = gate();
  const measured = gate();
  // The first is for the octets in the staging area, the second for the note of the append, the third for the file.
  let syncs = Number.NEGATIVE_INFINITY;
  const durability: Durability = {
    async file() {
      syncs += 1;
      if (syncs !== sync) return;
      atSync.open();
      await measured.opened;
    },
    async directory() {},
  };
  account = await RecountedAccount.create({
    ...{ workers, durability, limitBytes: 10 ** 9, sessions: 1 },
    seen: (space) => ({
      stagingPath: space.stagingPath,
      runningPath: space.runningPath,
      running: space.running,
      get inPlaceAppends() {
        return space.inPlaceAppends;
      },
      reservedEntries: 0,
      trash: { chargedBytes: 0, measure: async () => {} },
      nameLock: {
        run(task) {
          // The recount has measured all that it can without the lock, which the append has.
          measured.open();
          return space.nameLock.run(task);
        },
      },
    }),
  });
  const [session] = account.sessions;
  if (session === undefined) throw new Error('no session');
  await store(session, 'offset', LARGE_BYTES);
  // What was read counts as settled, so that only changes are read again.
  const later = Date.now() + 60_000;
  jest.spyOn(Date, 'now').mockReturnValue(later);

  syncs = 0;
  const appending = store(session, 'append', APPENDED_BYTES);
  await atSync.opened;
  await Promise.all([account.recount(), appending]);
  expect(syncs).toBe(3);
  const usage = { bytes: LARGE_BYTES + APPENDED_BYTES, entries: 1 };
  expect(await account.onDisk()).toEqual(usage);
  expect(await account.charged()).toEqual(usage);
});

async function store(
  session: SessionFiles,
  kind: 'offset' | 'append',
  sizeBytes: number,
): Promise<void> {
  const start = kind === 'append' ? { kind } : { kind, offsetBytes: 0 };
  const file = await session.write('log', { start });
  await file.begin(ENDLESS_TRANSFER);
  await file.write(Buffer.alloc(sizeBytes));
  await file.publish();
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
