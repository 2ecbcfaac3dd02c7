import { Failure } from '../errors/failure.ts';
import { LocalPlace } from '../local/local-place.ts';
import { ConnectionPool } from '../remote/connection/connection-pool.ts';
import type { TransferConnections } from '../remote/data/transfer-connection.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { ConflictHandler } from '../transfers/conflict.ts';
import { excludesFrom } from '../transfers/excludes.ts';
import { namedPlace, namedSources, namedTargets, sideName } from '../transfers/named-side.ts';
import type { Job } from '../transfers/queue/job.ts';
import { TransferQueue, type TransferQueueOptions } from '../transfers/queue/transfer-queue.ts';
import type { TransferPlan } from '../transfers/transfer-plan.ts';
import { withoutChecksums } from '../transfers/without-checksums.ts';
import { withoutExcluded } from './exclusion.ts';
import type { CommandRequest } from './request.ts';
import type { Sessions } from './sessions.ts';
import type { TransferReport } from './transfer-report.ts';

export interface TransferTask {
  readonly request: CommandRequest;
  readonly sessions: Sessions;
  readonly session: RemoteSession;
  /** The server that uploads come from; the local disk if left out. */
  readonly source?: RemoteSession | undefined;
  readonly direction: Job['direction'];
  readonly report: TransferReport;
  /** Directories that are copied. */
  readonly roots?: readonly string[];
}

/** Runs the planned transfers and reports them. @returns the exit code. */
export function runTransfers(task: TransferTask, plans: readonly TransferPlan[]): Promise<number> {
  return withQueue(task, async (queue) => {
    queue.add(plans);
    await queue.idle();
  });
}

/**
 * Runs work with a queue. If the command is stopped, unfinished transfers stay as parts that can be resumed.
 *
 * @returns the exit code.
 */
export async function withQueue(
  task: TransferTask,
  work: (queue: TransferQueue) => Promise<void>,
): Promise<number> {
  const { request, sessions, session, source, report } = task;
  const { stop } = request;
  const pool = poolFor(session, { spare: session, limit: jobsOf(task) });
  const sourcePool = source && poolFor(source, { limit: jobsOf(task) });
  const targets = connectionsOf(pool, request, sessions);
  const queue =
    source === undefined || sourcePool === undefined
      ? queueFor(task, { connections: targets })
      : queueFor(task, {
          connections: namedTargets(targets, sideName(session)),
          sources: namedSources(sourcePool, sideName(source)),
        });
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
    await Promise.all([pool.close(), sourcePool?.close()]);
  }
}

/** @param options a session may be spare for one pool only: a download in it would wait for its own upload. */
function poolFor(
  session: RemoteSession,
  options: { readonly spare?: RemoteSession; readonly limit: number },
): ConnectionPool {
  const open = (signal?: AbortSignal) => session.openAnother(signal);
  return new ConnectionPool({ open, ...options });
}

function queueFor(
  task: TransferTask,
  connections: Pick<TransferQueueOptions, 'connections' | 'sources'>,
): TransferQueue {
  const { request, session, source, direction, report, roots = [] } = task;
  const isExcluded = excludesFrom(request.options.exclude ?? []);
  const local =
    source === undefined ? new LocalPlace() : namedPlace(source.place, sideName(source));
  const isUpload = direction === 'upload';
  return new TransferQueue({
    site: session.site.id,
    local: isUpload ? withoutExcluded(local, isExcluded, roots) : local,
    remotePlace: isUpload ? session.place : withoutExcluded(session.place, isExcluded, roots),
    ...connections,
    onConflict: refuse,
    journal: report,
    workers: jobsOf(task),
  });
}

function jobsOf({ request, sessions }: TransferTask): number {
  return request.options.jobs ?? sessions.settings.jobs;
}

function connectionsOf(
  pool: ConnectionPool,
  { options }: CommandRequest,
  { settings }: Sessions,
): TransferConnections {
  const verifies = options.verify !== false && settings.verify;
  return verifies ? pool : withoutChecksums(pool);
}

const CHOOSE = 'Use --resume, --overwrite, --skip, --newer or --keep-both for existing targets.';

/** No question is asked: a script would wait forever. */
const refuse: ConflictHandler = async ({ job, target }) => {
  const part = target.isPartial === true ? ' as a partial upload' : '';
  throw new Failure('exists', `${job.to}: already exists${part}.`, { advice: CHOOSE });
};
