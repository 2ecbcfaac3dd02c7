import { Failure } from '../../errors/failure.ts';
import { comparePaths } from '../../files/name-order.ts';
import type { Place } from '../../files/place.ts';
import { inChunks } from '../../scheduling/chunks.ts';
import type { NameFolding } from '../../sites/known-servers.ts';
import { counted } from '../../text/format.ts';
import type { Job } from '../queue/job.ts';
import type { TransferQueue } from '../queue/transfer-queue.ts';
import type { TransferPlan } from '../transfer-plan.ts';
import { findFoldedNames } from './folded-names.ts';
import type { Deletion, MirrorPlan } from './mirror-plan.ts';

interface MirrorRun {
  /** Other jobs in it do not count. */
  readonly queue: TransferQueue;
  readonly target: Place;
  readonly signal?: AbortSignal;
  /** Called when all files are in the queue. */
  readonly onQueued?: (fileCount: number) => void;
  readonly onDeleted?: (deletion: Deletion, count: number) => void;
}

interface MirrorResult {
  readonly failedFiles: number;
  /** None, if not all files came over: what is to go may be the only copy. */
  readonly deleted: number;
  /** Single directories that could not be made, and entries that could not be deleted. */
  readonly failures: readonly Failure[];
  /** Files that the target keeps under other names. */
  readonly folded: readonly string[];
  readonly nameFolding: NameFolding;
}

/** Does what a mirror's plan says. Deletes last, and only if the queue has confirmed every copy. */
export async function runMirror(plan: MirrorPlan, run: MirrorRun): Promise<MirrorResult> {
  const { target, signal } = run;
  const failures: Failure[] = [];
  const blocked = await makeDirectories(plan, run, failures);
  const isBlocked = ({ to }: TransferPlan) => blocked.some((path) => to.startsWith(`${path}/`));
  const plans = inOrder(plan.copies, plan.replacements);
  const open = blocked.length === 0 ? plans : plans.filter((one) => !isBlocked(one));
  const sure = open.filter(({ to }) => !plan.unsure.has(to));
  const unsure = open.filter(({ to }) => plan.unsure.has(to));
  let failedFiles = plans.length - open.length;
  const notShown = await countNotShown(run.queue, async () => {
    failedFiles += await copyAll(sure, run);
    failedFiles += await copyUnsure(unsure, run, failures);
  });
  if (notShown > 0 && plan.deletions.length > 0) failures.push(keptForLackOfProof(notShown));
  if (failedFiles > 0 || failures.length > 0) {
    const nameFolding = foldingIn(plan, failures.some(isTakenForAnother) ? 'found' : 'unknown');
    return { failedFiles, deleted: 0, failures, folded: [], nameFolding };
  }
  signal?.throwIfAborted();
  const { kept, texts: folded } = await findFoldedNames(plan, target, signal);
  const deletions = plan.deletions.filter((one) => !kept.has(one));
  const deleted = await deleteAll(deletions, run, failures);
  const shown = folded.length > 0 ? 'found' : unsure.length > 0 ? 'excluded' : 'unknown';
  return { failedFiles, deleted, failures, folded, nameFolding: foldingIn(plan, shown) };
}

function foldingIn({ foldsNames }: MirrorPlan, shown: NameFolding): NameFolding {
  return foldsNames ? 'found' : shown;
}

/** Runs a task, and gives the number of copies that were confirmed and that the server does not show. */
async function countNotShown(queue: TransferQueue, task: () => Promise<void>): Promise<number> {
  let count = 0;
  const onDone = (_id: string, verified: Job['verified']) => {
    if (verified === 'not-shown') count += 1;
  };
  queue.on('done', onDone);
  try {
    await task();
    return count;
  } finally {
    queue.off('done', onDone);
  }
}

function keptForLackOfProof(count: number): Failure {
  return new Failure(
    'incomplete',
    `Nothing was deleted: the server does not show ${counted(count, 'file')} of those sent.`,
  );
}

/** Merges two lists that are in the order of a walk. */
function inOrder(
  copies: readonly TransferPlan[],
  replacements: readonly TransferPlan[],
): readonly TransferPlan[] {
  const plans: TransferPlan[] = [];
  let next = 0;
  for (const copy of copies) {
    for (let other = replacements[next]; other !== undefined; other = replacements[next]) {
      if (comparePaths(copy.from, other.from) < 0) break;
      plans.push(other);
      next += 1;
    }
    plans.push(copy);
  }
  return [...plans, ...replacements.slice(next)];
}

/** Gives those that the target takes for directories that it has. */
async function makeDirectories(
  plan: MirrorPlan,
  { target, signal }: MirrorRun,
  failures: Failure[],
): Promise<readonly string[]> {
  const blocked: string[] = [];
  for (const path of plan.makes) {
    signal?.throwIfAborted();
    await gather(failures, async () => {
      if (plan.unsure.has(path) && (await target.stat(path)) !== undefined) {
        blocked.push(path);
        throw takenForAnother(path);
      }
      await target.makeDirectory(path);
    });
  }
  return blocked;
}

const TAKEN = 'the target takes it for another entry.';

function takenForAnother(path: string): Failure {
  return new Failure('exists', `${path}: ${TAKEN}`);
}

function isTakenForAnother({ message }: Failure): boolean {
  return message.endsWith(TAKEN);
}

/** Gives the number of files that were not confirmed. A job that was cancelled is one of them. */
async function copyAll(
  plans: readonly TransferPlan[],
  { queue, onQueued }: Pick<MirrorRun, 'queue' | 'onQueued'>,
): Promise<number> {
  const open = new Set<string>();
  const onDone = (id: string) => open.delete(id);
  queue.on('done', onDone);
  try {
    let lost = 0;
    for await (const portion of inChunks(plans)) {
      const ids = queue.add(portion);
      for (const id of ids) open.add(id);
      lost += portion.length - ids.length;
    }
    onQueued?.(plans.length);
    if (plans.length > 0) await queue.idle();
    return open.size + lost;
  } finally {
    queue.off('done', onDone);
  }
}

/** One after the other, and none that the target takes for a file that it has. */
async function copyUnsure(
  plans: readonly TransferPlan[],
  { queue, target, signal }: MirrorRun,
  failures: Failure[],
): Promise<number> {
  let failedFiles = 0;
  for (const plan of plans) {
    signal?.throwIfAborted();
    await gather(failures, async () => {
      if ((await target.stat(plan.to)) !== undefined) {
        failedFiles += 1;
        throw takenForAnother(plan.to);
      }
      failedFiles += await copyAll([plan], { queue });
    });
  }
  return failedFiles;
}

async function deleteAll(
  deletions: readonly Deletion[],
  { target, signal, onDeleted }: MirrorRun,
  failures: Failure[],
): Promise<number> {
  let deleted = 0;
  for (const deletion of deletions) {
    await gather(failures, async () => {
      await target.remove(deletion.path, { signal });
      deleted += 1;
      onDeleted?.(deletion, deleted);
    });
  }
  return deleted;
}

/** A failure that concerns one path does not keep the others from being done. */
async function gather(failures: Failure[], task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    const failure = error as Failure;
    if (failure.name !== 'Failure' || ['network', 'login', 'trust'].includes(failure.kind))
      throw error;
    failures.push(failure);
  }
}
