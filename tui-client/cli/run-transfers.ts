import { Failure } from '../failure.ts';
import { LocalPlace } from '../local/local-place.ts';
import { ConnectionPool } from '../remote/connection-pool.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { TransferConnections } from '../remote/transfer-connection.ts';
import type { ConflictHandler } from '../transfers/conflict.ts';
import { excludesFrom } from '../transfers/excludes.ts';
import type { Job } from '../transfers/job.ts';
import { limitRate, withoutChecksums } from '../transfers/transfer-limits.ts';
import type { TransferPlan } from '../transfers/transfer-plan.ts';
import { TransferQueue } from '../transfers/transfer-queue.ts';
import { withoutExcluded } from './exclusion.ts';
import type { CommandRequest } from './request.ts';
import type { Sessions } from './sessions.ts';
import type { TransferReport } from './transfer-report.ts';

export interface TransferTask {
  readonly request: CommandRequest;
  readonly sessions: Sessions;
  readonly session: RemoteSession;
  readonly direction: Job['direction'];
  readonly report: TransferReport;
  /** Directories that are copied. */
  readonly roots?: readonly string[];
}

/** Moves what is planned and tells of it. @returns the exit code. */
export function runTransfers(task: TransferTask, plans: readonly TransferPlan[]): Promise<number> {
  return withQueue(task, async (queue) => {
    queue.add(plans);
    await queue.idle();
  });
}

/**
 * Lets work be done with a queue. When the command is stopped, what is under way stays as parts that can be
 * carried on.
 *
 * @returns the exit code.
 */
export async function withQueue(
  task: TransferTask,
  work: (queue: TransferQueue) => Promise<void>,
): Promise<number> {
  const { request, sessions, session, report } = task;
  const { stop } = request;
  const pool = new ConnectionPool({
    open: (signal) => session.openAnother(signal),
    limit: jobsOf(task),
  });
  const queue = queueFor(task, limited(pool, request, sessions));
  const pause = () => queue.pause('all');
  stop.addEventListener('abort', pause);
  const progress = () => report.progress(queue.snapshot());
  queue.on('change', progress);
  try {
    stop.throwIfAborted();
    await work(queue);
    stop.throwIfAborted();
    // The queue reports its last change a little later.
    queue.off('change', progress);
    return await report.end(queue.snapshot());
  } finally {
    queue.off('change', progress);
    stop.removeEventListener('abort', pause);
    report.clear();
    await pool.close();
  }
}

function queueFor(task: TransferTask, connections: TransferConnections): TransferQueue {
  const { request, session, direction, report, roots = [] } = task;
  const isExcluded = excludesFrom(request.options.exclude ?? []);
  const local = new LocalPlace();
  const isUpload = direction === 'upload';
  return new TransferQueue({
    site: session.site.id,
    local: isUpload ? withoutExcluded(local, isExcluded, roots) : local,
    remotePlace: isUpload ? session.place : withoutExcluded(session.place, isExcluded, roots),
    connections,
    onConflict: refuse,
    journal: report,
    workers: jobsOf(task),
  });
}

function jobsOf({ request, sessions }: TransferTask): number {
  return request.options.jobs ?? sessions.settings.jobs;
}

function limited(
  pool: ConnectionPool,
  { options }: CommandRequest,
  { settings }: Sessions,
): TransferConnections {
  const verifies = options.verify !== false && settings.verify;
  const connections = verifies ? pool : withoutChecksums(pool);
  const { limitRate: bytesPerSecond } = options;
  return bytesPerSecond === undefined ? connections : limitRate(connections, bytesPerSecond);
}

const CHOOSE =
  'Choose --resume, --overwrite, --skip, --newer or --keep-both for targets that exist.';

/** Nobody is asked: a script would wait for ever. */
const refuse: ConflictHandler = async ({ job, target }) => {
  const part = target.isPartial === true ? ' as a cut upload' : '';
  throw new Failure('exists', `${job.to}: exists already${part}.`, { advice: CHOOSE });
};
