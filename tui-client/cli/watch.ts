import { Failure } from '../errors/failure.ts';
import { parseTarget } from '../sites/target.ts';
import { exactBytes } from '../text/format.ts';
import { WatchMirror } from '../watch/watch-mirror.ts';
import { UsageError } from './command-context.ts';
import { isLocalDirectory, localPath } from './local-spot.ts';
import type { Output } from './output.ts';
import type { CommandRequest } from './request.ts';
import { withQueue } from './run-transfers.ts';
import { type RemoteSpot, type Sessions, withSessions } from './sessions.ts';
import { TransferReport } from './transfer-report.ts';

const DEFAULT_SETTLE_MS = 500;

/** Mirrors a local directory to a server, and uploads what changes in it until it is interrupted. */
export function watch(request: CommandRequest): Promise<number> {
  const [written = '', to = ''] = request.args;
  if (parseTarget(written).kind !== 'local') {
    throw new UsageError('watch requires a local directory as the first argument.');
  }
  return withSessions(request, async (sessions) => {
    const from = localPath(request.context, written);
    if (!(await isLocalDirectory(from))) {
      throw new Failure('missing', `${from}: no such directory.`);
    }
    return watchDirectory(from, await sessions.spot(to), { request, sessions });
  });
}

async function watchDirectory(
  from: string,
  { session, path }: RemoteSpot,
  { request, sessions }: { readonly request: CommandRequest; readonly sessions: Sessions },
): Promise<number> {
  const { options, stop } = request;
  const { output } = sessions;
  const report = new TransferReport(request, output);
  const deletes = options.delete === true || options.deleteAll === true;
  const task = { request, sessions, session, direction: 'upload', report } as const;
  return withQueue(task, async (queue) => {
    const mirror = new WatchMirror({
      mirror: {
        ...{ target: session.place, from, to: path, algorithm: session.algorithm },
        ...{ extras: deletes ? 'delete' : 'keep', excludes: options.exclude ?? [] },
      },
      limits: { maxEntries: options.maxDelete, mayDeleteAll: options.deleteAll === true },
      queue,
      settleMs: options.settle ?? DEFAULT_SETTLE_MS,
      signal: stop,
      onFailure: (failure) => reportFailure(failure, report, output),
      onDeleted: (deletion) => report.deleted(deletion.path, deletion.kind),
      onReady: ({ unchangedFiles, moveBytes }) => {
        output.note(
          `${unchangedFiles} files unchanged, ${exactBytes(moveBytes)} uploaded. Watching ${from}; press Ctrl-C to stop.`,
        );
        output.pushJson({ type: 'watching', from, to: path });
      },
    });
    const onLost = ({ message }: Failure) => output.note(`${message} Reconnecting.`);
    session.on('lost', onLost);
    try {
      await mirror.run();
    } finally {
      session.off('lost', onLost);
      report.interrupted(queue.snapshot());
    }
  });
}

function reportFailure(failure: Failure, report: TransferReport, output: Output): void {
  const { kind, message, code } = failure;
  report.failedEarly(kind);
  output.failure(failure);
  output.pushJson({ type: 'failure', kind, message, code });
}
