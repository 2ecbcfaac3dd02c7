import type { ApproximateTime } from '../files/place.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const PRECISIONS_MS: Readonly<Record<ApproximateTime['precision'], number>> = {
  minute: MINUTE_MS,
  day: DAY_MS,
};

/** Time zones and daylight saving time: a listing does not say which ones it uses. */
const ZONES_MS = DAY_MS;

/** What is known of a file's time. */
export interface FileTime {
  readonly modifiedMs: number | undefined;
  readonly approximateTime?: ApproximateTime | undefined;
}

/** Of the first time to the second. `unknown` if one of them is not known well enough. */
export type TimeOrder = 'before' | 'same' | 'after' | 'unknown';

/** @param toleranceMs up to which exact times are the same. */
export function timeOrder(one: FileTime, other: FileTime, toleranceMs: number): TimeOrder {
  const [first, second] = [rangeOf(one), rangeOf(other)];
  if (first === undefined || second === undefined) return 'unknown';
  if (first.startMs - second.endMs >= toleranceMs) return 'after';
  if (second.startMs - first.endMs >= toleranceMs) return 'before';
  return one.modifiedMs !== undefined && other.modifiedMs !== undefined ? 'same' : 'unknown';
}

/** Within which the time lies. */
function rangeOf({ modifiedMs, approximateTime }: FileTime) {
  if (modifiedMs !== undefined) return { startMs: modifiedMs, endMs: modifiedMs };
  if (approximateTime === undefined) return undefined;
  const { ms, precision } = approximateTime;
  return { startMs: ms - ZONES_MS, endMs: ms + PRECISIONS_MS[precision] + ZONES_MS };
}
