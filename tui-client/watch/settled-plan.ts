import type { MirrorPlan } from '../transfers/mirror/mirror-plan.ts';
import type { TransferPlan } from '../transfers/transfer-plan.ts';

interface Settling {
  /** How long ago a file was written; undefined if it no longer exists. */
  readonly ageMs: (path: string) => number | undefined;
  readonly settleMs: number;
  /** Called with each file that is left out. */
  readonly onUnsettled: (path: string) => void;
}

/** A plan without files that are being written. Nothing is deleted then: a file may be on its way to another name. */
export function settledPlan(
  plan: MirrorPlan,
  from: string,
  { ageMs, settleMs, onUnsettled }: Settling,
): MirrorPlan {
  const isSettled = (one: TransferPlan) => {
    const path = one.from.slice(from.length + 1);
    const age = ageMs(path);
    // A time in the future says nothing.
    if (age !== undefined && (age >= settleMs || age < 0)) return true;
    onUnsettled(path);
    return false;
  };
  const copies = plan.copies.filter(isSettled);
  const replacements = plan.replacements.filter(isSettled);
  const isWhole =
    copies.length === plan.copies.length && replacements.length === plan.replacements.length;
  return { ...plan, copies, replacements, deletions: isWhole ? plan.deletions : [] };
}
