import { Failure } from '../errors/failure.ts';
import type { Algorithm } from '../files/digest.ts';
import { clientPaths } from '../sites/client-paths.ts';
import { KnownServers } from '../sites/known-servers.ts';
import { exactBytes } from '../text/format.ts';
import { checkDeletions } from '../transfers/mirror/deletion-limit.ts';
import { planMirror } from '../transfers/mirror/mirror.ts';
import type { MirrorOptions } from '../transfers/mirror/mirror-options.ts';
import { type MirrorPlan, withFoldingNotes } from '../transfers/mirror/mirror-plan.ts';
import { runMirror } from '../transfers/mirror/run-mirror.ts';
import { Failures } from './each-place.ts';
import { checkSource, type Sides, sidesOf } from './mirror-sides.ts';
import type { Output } from './output.ts';
import type { CommandRequest } from './request.ts';
import { withQueue } from './run-transfers.ts';
import { type Sessions, withSessions } from './sessions.ts';
import { TransferReport } from './transfer-report.ts';

/** Makes one directory like the other: compares, copies what differs, deletes on wish. */
export function mirror(request: CommandRequest): Promise<number> {
  return withSessions(request, async (sessions) => {
    const sides = await sidesOf(request, sessions);
    await checkSource(sides);
    const { output } = sessions;
    const known = new KnownServers(clientPaths(request.context.environment));
    const plan = await withKnownFolding(await compare(request, sides), sides, known);
    for (const { path, text } of plan.notes) output.note(`${path}: ${text}`);
    const failures = new Failures(sessions);
    for (const problem of plan.problems) await failures.tell(problem);
    if (request.options.dryRun === true) await tell(plan, output);
    const { maxDelete: maxEntries, deleteAll = false } = request.options;
    checkDeletions(plan, { maxEntries, mayDeleteAll: deleteAll });
    if (request.options.dryRun === true) return failures.exitCode;
    return carryOut(plan, sides, { request, sessions, known });
  });
}

async function compare({ options, stop }: CommandRequest, sides: Sides): Promise<MirrorPlan> {
  const { direction, source, target, from, to } = sides;
  const algorithm = commonAlgorithm(sides);
  return planMirror({
    ...{ direction, source, target, from, to },
    compareBy: options.checksum === true ? byChecksum(algorithm) : 'size-and-time',
    algorithm,
    extras: options.delete === true || options.deleteAll === true ? 'delete' : 'keep',
    excludes: options.exclude ?? [],
    links: options.followLinks === true ? 'follow' : 'skip',
    signal: stop,
  });
}

async function withKnownFolding(
  plan: MirrorPlan,
  { direction, session }: Sides,
  known: KnownServers,
): Promise<MirrorPlan> {
  const isKnown = direction === 'upload' && (await known.foldsNames(session.site));
  return isKnown ? withFoldingNotes(plan) : plan;
}

/** The best checksum that all servers that take part compute. */
function commonAlgorithm({ session, sourceSession }: Sides): Algorithm | undefined {
  if (sourceSession === undefined) return session.algorithm;
  const { algorithms } = sourceSession.capabilities;
  return session.capabilities.algorithms.find((one) => algorithms.includes(one));
}

/** Who asks for checksums does not trust sizes and times. */
function byChecksum(algorithm: Algorithm | undefined): MirrorOptions['compareBy'] {
  if (algorithm !== undefined) return { digest: algorithm };
  throw new Failure(
    'protocol',
    'The server does not support checksums. Without --checksum, sizes and times are compared.',
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
    output.note(`${exactBytes(moveBytes)} to transfer; ${unchangedFiles} files unchanged.`);
  }
}

interface Run {
  readonly request: CommandRequest;
  readonly sessions: Sessions;
  readonly known: KnownServers;
}

async function carryOut(
  plan: MirrorPlan,
  { direction, session, sourceSession, target }: Sides,
  { request, sessions, known }: Run,
): Promise<number> {
  const report = new TransferReport(request, sessions.output, {
    unchanged: plan.unchangedFiles,
    skippedLinks: plan.skippedLinks,
  });
  for (const { kind } of plan.problems) report.failedEarly(kind);
  const task = { request, sessions, session, source: sourceSession, direction, report };
  return withQueue(task, async (queue) => {
    const { failedFiles, failures, folded, nameFolding } = await runMirror(plan, {
      queue,
      target,
      signal: request.stop,
      onDeleted: ({ path, kind }) => report.deleted(path, kind),
    });
    if (direction === 'upload') await known.learn(session.site, nameFolding);
    const { output } = sessions;
    for (const text of folded) await reportFailure(new Failure('exists', text), report, output);
    for (const failure of failures) await reportFailure(failure, report, output);
    const isLacking = failedFiles + plan.problems.length > 0;
    const deletes = request.options.delete === true || request.options.deleteAll === true;
    if (deletes && isLacking) {
      const why = failedFiles > 0 ? 'some files were not copied' : 'some entries could not be read';
      output.note(`Nothing was deleted, because ${why}.`);
    }
  });
}

async function reportFailure(
  failure: Failure,
  report: TransferReport,
  output: Output,
): Promise<void> {
  const { kind, message, code } = failure;
  report.failedEarly(kind);
  output.failure(failure);
  await output.json({ type: 'failure', kind, message, code });
}
