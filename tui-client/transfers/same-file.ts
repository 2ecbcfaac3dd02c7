import type { Entry } from '../place.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

type Facts = Pick<Entry, 'sizeBytes' | 'modifiedMs'>;

/** `unknown` if the sizes are equal and the time of one side is not known. */
export type Sameness = 'same' | 'different' | 'unknown';

/** Compares the sizes and times of two files. */
export function compareFacts(source: Facts, target: Facts): Sameness {
  const isSameSize = source.sizeBytes !== undefined && source.sizeBytes === target.sizeBytes;
  if (!isSameSize) return 'different';
  if (source.modifiedMs === undefined || target.modifiedMs === undefined) return 'unknown';
  return seemsSameTime(source.modifiedMs, target.modifiedMs) ? 'same' : 'different';
}

/** As `ls` on a server tells times: to the second, or to the minute, or for old files only the day. */
function seemsSameTime(one: number, other: number): boolean {
  const distanceMs = Math.abs(one - other);
  // Some disks keep every second second only.
  if (distanceMs < 2 * SECOND_MS) return true;
  return [MINUTE_MS, DAY_MS].some(
    (stepMs) => distanceMs < stepMs && (one % stepMs === 0 || other % stepMs === 0),
  );
}
