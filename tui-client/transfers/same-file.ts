import type { Entry } from '../files/place.ts';
import { timeOrder } from './time-order.ts';

/** Some disks keep every second second only. */
const TOLERANCE_MS = 2000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

type Facts = Pick<Entry, 'sizeBytes' | 'modifiedMs' | 'approximateTime'>;

/** `unknown` if the sizes are equal and the time of one side is not known well enough. */
export type Sameness = 'same' | 'different' | 'unknown';

/** Compares the sizes and times of two files. */
export function compareFacts(source: Facts, target: Facts): Sameness {
  const isSameSize = source.sizeBytes !== undefined && source.sizeBytes === target.sizeBytes;
  if (!isSameSize) return 'different';
  const order = timeOrder(source, target, TOLERANCE_MS);
  if (order === 'same' || order === 'unknown') return order;
  return mayBeRounded(source.modifiedMs, target.modifiedMs) ? 'unknown' : 'different';
}

/** Some servers report whole minutes, or only the day, as if it were the exact time. */
function mayBeRounded(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const distanceMs = Math.abs(one - other);
  return [MINUTE_MS, DAY_MS].some(
    (stepMs) => distanceMs < stepMs && (one % stepMs === 0 || other % stepMs === 0),
  );
}
