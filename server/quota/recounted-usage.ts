import type { TreeSize } from '../disk/tree-size.ts';

/** Sizes of all files of an account that could be read, in its home and in its staging area. */
export interface Measurement {
  readonly sizeBytes: number;
  /** False if there are files that could not be measured. */
  readonly isComplete: boolean;
}

export function measurementOf(sizes: readonly TreeSize[]): Measurement {
  return {
    sizeBytes: sizes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    isComplete: sizes.every(({ unread }) => unread.count === 0),
  };
}

/**
 * What an account is to be charged for after a recount. As long as some of its files cannot be measured, the charge
 * only rises: otherwise the account would get their space twice.
 *
 * @param chargedBytes what it is charged for, without anything that is only reserved.
 */
export function recountedUsage(
  { sizeBytes, isComplete }: Measurement,
  chargedBytes: number,
): number {
  return isComplete ? sizeBytes : Math.max(sizeBytes, chargedBytes);
}
