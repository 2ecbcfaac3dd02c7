/**
 * The limit of an account without a limit. The largest number that is exact, in SQL and JavaScript alike, so
 * the ledger needs no case for it: no disk holds as much.
 */
export const UNLIMITED = Number.MAX_SAFE_INTEGER;

export function isUnlimited(limit: number): boolean {
  return limit >= UNLIMITED;
}

/** Limit of entries for `--max-files`, where 0 sets no limit. */
export function entryLimitOf(maxFiles: number): number {
  return maxFiles === 0 ? UNLIMITED : maxFiles;
}
