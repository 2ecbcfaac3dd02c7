import { join } from 'node:path';
import type { AppContext, Using } from '../context/app-context.ts';
import { askAboutConflict } from '../dialogs/ask-about-conflict.ts';
import { failureText } from '../errors/failure-text.ts';
import { ConnectionPool } from '../remote/connection/connection-pool.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import { inChunks } from '../scheduling/chunks.ts';
import { counted } from '../text/format.ts';
import type { Job } from '../transfers/queue/job.ts';
import { Journal } from '../transfers/queue/journal.ts';
import { TransferQueue } from '../transfers/queue/transfer-queue.ts';
import { withoutChecksums } from '../transfers/without-checksums.ts';
import { watchQueue } from './watch-queue.ts';

/** The transfers of a session. */
interface OpenQueue {
  readonly queue: TransferQueue;
  /** What an earlier run has left. */
  readonly unfinished: readonly Job[];
  setWorkers(count: number): void;
  /** Stops what runs; the journal knows it. */
  close(): Promise<void>;
}

/** A queue whose jobs outlive the program. */
export async function openQueue(app: AppContext, session: RemoteSession): Promise<OpenQueue> {
  const { jobs, verify } = app.services.settings;
  const journal = await openJournal(app, session);
  const open = (signal?: AbortSignal) => session.openAnother(signal);
  const pool = new ConnectionPool({ open, spare: session, limit: jobs });
  const queue = new TransferQueue({
    site: session.site.id,
    local: app.places.local,
    remotePlace: session.place,
    connections: verify ? pool : withoutChecksums(pool),
    workers: jobs,
    journal,
    onConflict: (conflict) => askAboutConflict(app, conflict),
  });
  const unwatch = watchQueue(app, queue);
  return {
    queue,
    unfinished: journal?.unfinished ?? [],
    setWorkers(count) {
      pool.setLimit(count);
      queue.setWorkers(count);
    },
    async close() {
      queue.close();
      unwatch();
      await pool.close().catch(() => {});
      await journal?.close();
    },
  };
}

/** Without a journal transfers work, too; they are only forgotten at the end. */
async function openJournal(
  app: Using<'ui' | 'services'>,
  session: RemoteSession,
): Promise<Journal | undefined> {
  const name = `${encodeURIComponent(session.site.id)}.jsonl`;
  try {
    return await Journal.open(join(app.services.paths.stateDirectory, 'queues', name));
  } catch (error) {
    app.ui.notify(`The queue cannot be saved: ${failureText(error)}`, 'bad');
    return undefined;
  }
}

/** Offers to continue the jobs of an earlier run. */
export async function offerUnfinished(
  app: Using<'dialogs'>,
  { queue, unfinished }: Pick<OpenQueue, 'queue' | 'unfinished'>,
): Promise<void> {
  if (unfinished.length === 0) return;
  const left = unfinished.filter(({ state }) => state !== 'done' && state !== 'skipped');
  const failed = left.filter(({ state }) => state === 'failed').length;
  const chosen = await app.dialogs.choose({
    topic: 'unfinished',
    title: 'Unfinished transfers from an earlier session',
    lines: [
      `${counted(left.length, 'transfer')}${failed > 0 ? `, ${failed} of them failed` : ''}:`,
      ...left.slice(0, 5).map((job) => `  ${job.from}`),
      ...(left.length > 5 ? [`  and ${left.length - 5} more`] : []),
    ],
    choices: [
      { id: 'resume', keys: ['r', 'y'], label: 'resume' },
      { id: 'forget', keys: ['f'], label: 'discard them' },
    ],
    escape: 'decide later; they stay paused in the queue',
  });
  const state = chosen?.id === 'resume' ? 'waiting' : 'paused';
  for await (const jobs of inChunks(unfinished)) {
    queue.restore(jobs.map((job) => inState(job, state)));
  }
  if (chosen?.id !== 'forget') return;
  queue.cancel('all');
  queue.clear();
}

/** Jobs that ended well stay listed: they show which entries of a directory exist already. */
function inState(job: Job, state: 'waiting' | 'paused'): Job {
  if (job.state === 'done' || job.state === 'skipped') return job;
  return { ...job, state, tries: 0, error: undefined };
}
