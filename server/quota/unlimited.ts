/**
 * The limit of an account without a limit. The largest number that is exact, in SQL and JavaScript alike, so
 * the ledger needs no case for it: no disk holds as much.
 */
export const UNLIMITED_BYTES = Number.MAX_SAFE_INTEGER;

export function isUnlimited(limitBytes: number): boolean {
  return limitBytes >= UNLIMITED_BYTES;
}
