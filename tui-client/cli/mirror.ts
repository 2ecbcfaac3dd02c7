import { Failure } from '../failure.ts';
import { exactBytes } from '../format.ts';
import { LocalPlace } from '../local/local-place.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import { parseTarget } from '../sites/target.ts';
import { checkDeletions } from '../transfers/deletion-limit.ts';
import type { Job } from '../transfers/job.ts';
import { planMirror } from '../transfers/mirror.ts';
import type { MirrorOptions } from '../transfers/mirror-options.ts';
import type { MirrorPlan } from '../transfers/mirror-plan.ts';
import { runMirror } from '../transfers/run-mirror.ts';
import { UsageError } from './command-context.ts';
import { Failures } from './each-place.ts';
import { localPath } from './local-spot.ts';
import type { Output } from './output.ts';
import type { CommandRequest } from './request.ts';
import { withQueue } from './run-transfers.ts';
import { type Sessions, withSessions } from './sessions.ts';
import { TransferReport } from './transfer-report.ts';

interface Sides {
  readonly direction: Job['direction'];
  readonly session: RemoteSession;
  readonly from: string;
  readonly to: string;
}

/** Makes one directory like the other: compares, copies what differs, deletes on wish. */
export function mirror(request: CommandRequest): Promise<number> {
  return withSessions(request, async (sessions) => {
    const sides = await sidesOf(request, sessions);
    await checkSource(sides);
    const { output } = sessions;
    const plan = await compare(request, sides);
    for (const { path, text } of plan.notes) output.note(`${path}: ${text}`);
    const failures = new Failures(sessions);
    for (const problem of plan.problems) await failures.tell(problem);
    if (request.options.dryRun === true) await tell(plan, output);
    const { maxDelete: maxEntries, deleteAll = false } = request.options;
    checkDeletions(plan, { maxEntries, mayDeleteAll: deleteAll });
    if (request.options.dryRun === true) return failures.exitCode;
    return carryOut(plan, sides, { request, sessions });
  });
}

async function sidesOf(
  { context, args: [from = '', to = ''] }: CommandRequest,
  sessions: Sessions,
): Promise<Sides> {
  const isDownload = parseTarget(from).kind !== 'local';
  if (isDownload === (parseTarget(to).kind !== 'local')) {
    throw new UsageError('mirror goes between this machine and a server.');
  }
  const { session, path } = await sessions.spot(isDownload ? from : to);
  return isDownload
    ? { direction: 'download', session, from: path, to: localPath(context, to) }
    : { direction: 'upload', session, from: localPath(context, from), to: path };
}

/** One that is not there must not empty the target. */
async function checkSource({ direction, session, from }: Sides): Promise<void> {
  const place = direction === 'upload' ? new LocalPlace() : session.place;
  const entry = await place.follow(from);
  if (entry === undefined) throw new Failure('missing', `${from}: no such directory.`);
  if (entry.kind !== 'directory') throw new Failure('exists', `${from}: is not a directory.`);
}

async function compare({ options, stop }: CommandRequest, sides: Sides): Promise<MirrorPlan> {
  const { direction, session, from, to } = sides;
  return planMirror({
    direction,
    source: direction === 'upload' ? new LocalPlace() : session.place,
    target: direction === 'upload' ? session.place : new LocalPlace(),
    from,
    to,
    compareBy: options.checksum === true ? byChecksum(session) : 'size-and-time',
    algorithm: session.algorithm,
    extras: options.delete === true || options.deleteAll === true ? 'delete' : 'keep',
    excludes: options.exclude ?? [],
    links: options.followLinks === true ? 'follow' : 'skip',
    signal: stop,
  });
}

/** Who asks for checksums does not trust sizes and times. */
function byChecksum({ algorithm }: RemoteSession): MirrorOptions['compareBy'] {
  if (algorithm !== undefined) return { digest: algorithm };
  throw new Failure(
    'protocol',
    'The server computes no checksums. Without --checksum, sizes and times are compared.',
  );
}

async function tell(plan: MirrorPlan, output: Output): Promise<void> {
  const lines = [
    ...plan.makes.map((path) => ({ action: 'make', path })),
    ...plan.copies.map(({ from, to, sizeBytes }) => ({
      action: 'copy',
      from,
      path: to,
      sizeBytes,
    })),
    ...plan.replacements.map(({ from, to, sizeBytes }) => ({
      ...{ action: 'replace', from, path: to, sizeBytes },
    })),
    ...plan.deletions.map(({ path, kind, sizeBytes }) => ({
      action: 'delete',
      path,
      kind,
      sizeBytes,
    })),
  ];
  for (const line of lines) {
    await output.result(
      () => `would ${line.action.padEnd(7)} ${output.name(line.path)}\n`,
      () => ({ type: 'plan', ...line }),
    );
  }
  const { unchangedFiles, moveBytes } = plan;
  await output.json({
    type: 'summary',
    planned: lines.length,
    unchanged: unchangedFiles,
    moveBytes,
  });
  if (!output.isJson) {
    output.note(`${exactBytes(moveBytes)} to move; ${unchangedFiles} files are the same already.`);
  }
}

async function carryOut(
  plan: MirrorPlan,
  { direction, session }: Sides,
  { request, sessions }: { readonly request: CommandRequest; readonly sessions: Sessions },
): Promise<number> {
  const report = new TransferReport(request, sessions.output, {
    unchanged: plan.unchangedFiles,
    skippedLinks: plan.skippedLinks,
  });
  for (const { kind } of plan.problems) report.failedEarly(kind);
  const target = direction === 'upload' ? session.place : new LocalPlace();
  return withQueue({ request, sessions, session, direction, report }, async (queue) => {
    const { failedFiles, failures, folded } = await runMirror(plan, {
      queue,
      target,
      signal: request.stop,
      onDeleted: ({ path, kind }) => report.deleted(path, kind),
    });
    const { output } = sessions;
    for (const text of folded) await tellFailure(new Failure('exists', text), report, output);
    for (const failure of failures) await tellFailure(failure, report, output);
    const isLacking = failedFiles + plan.problems.length > 0;
    const deletes = request.options.delete === true || request.options.deleteAll === true;
    if (deletes && isLacking) {
      const why = failedFiles > 0 ? 'not all files came over' : 'not everything could be read';
      output.note(`Nothing was deleted, as ${why}.`);
    }
  });
}

async function tellFailure(
  failure: Failure,
  report: TransferReport,
  output: Output,
): Promise<void> {
  const { kind, message, code } = failure;
  report.failedEarly(kind);
  output.failure(failure);
  await output.json({ type: 'failure', kind, message, code });
}
