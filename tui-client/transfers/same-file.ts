import type { Entry } from '../place.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Whether two files have one size and one time, as far as both sides tell times. */
export function seemsSame(
  source: Pick<Entry, 'sizeBytes' | 'modifiedMs'>,
  target: Pick<Entry, 'sizeBytes' | 'modifiedMs'>,
): boolean {
  return source.sizeBytes === target.sizeBytes && seemsSameTime(source, target);
}

/** As `ls` on a server tells times: to the second, or to the minute, or for old files only the day. */
function seemsSameTime(
  { modifiedMs: one }: Pick<Entry, 'modifiedMs'>,
  { modifiedMs: other }: Pick<Entry, 'modifiedMs'>,
): boolean {
  if (one === undefined || other === undefined) return true;
  const distanceMs = Math.abs(one - other);
  // Some disks keep every second second only.
  if (distanceMs < 2 * SECOND_MS) return true;
  return [MINUTE_MS, DAY_MS].some(
    (stepMs) => distanceMs < stepMs && (one % stepMs === 0 || other % stepMs === 0),
  );
}
