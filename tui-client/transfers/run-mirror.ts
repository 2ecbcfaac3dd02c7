import type { Place } from '../place.ts';
import type { MirrorPlan } from './mirror.ts';
import type { TransferQueue } from './transfer-queue.ts';

interface MirrorRun {
  /** For nothing else meanwhile. */
  readonly queue: TransferQueue;
  readonly target: Place;
  readonly signal?: AbortSignal;
  readonly onDeleted?: (count: number) => void;
}

interface MirrorResult {
  readonly failedFiles: number;
  /** None, if not all files came over: what is to go may be the only copy. */
  readonly deleted: number;
}

/** Does what a mirror's plan says. Deletes last. */
export async function runMirror(plan: MirrorPlan, run: MirrorRun): Promise<MirrorResult> {
  const { queue, target, signal, onDeleted } = run;
  for (const path of plan.makes) {
    signal?.throwIfAborted();
    await target.makeDirectory(path);
  }
  const before = queue.snapshot().counts.done;
  const plans = [...plan.copies, ...plan.replacements];
  queue.add(plans);
  await queue.idle();
  const failedFiles = plans.length - (queue.snapshot().counts.done - before);
  let deleted = 0;
  if (failedFiles === 0) {
    for (const { path } of plan.deletions) {
      await target.remove(path, { signal });
      deleted++;
      onDeleted?.(deleted);
    }
  }
  return { failedFiles, deleted };
}
