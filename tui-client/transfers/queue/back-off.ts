const FIRST_MS = 1000;

const LONGEST_MS = 60_000;

/** Number of failed tries after which a job has failed. */
export const MAX_TRIES = 8;

/** Delay after a number of failures in a row. */
export function backOffMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}
