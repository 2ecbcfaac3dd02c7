import type { Usage } from '../../db/quota-repository.ts';
import type { TreeSize } from '../disk/tree-size.ts';

/** All that an account has on the disk, as far as it could be read. */
export interface Measurement extends Usage {
  /** False if there are files that could not be measured. */
  readonly isComplete: boolean;
}

/** What an account has beside its home: its bytes count, its number has limits of its own. */
export interface BesideHome {
  /** Unfinished uploads. */
  readonly staged: TreeSize;
  /** Bytes in the trash that count. */
  readonly trashBytes: number;
}

export function measurementOf(home: TreeSize, beside?: BesideHome): Measurement {
  const staged = beside?.staged;
  return {
    bytes: home.sizeBytes + (staged?.sizeBytes ?? 0) + (beside?.trashBytes ?? 0),
    entries: home.entries,
    isComplete: home.unread.count === 0 && (staged?.unread.count ?? 0) === 0,
  };
}

/**
 * The charge of an account after a recount. While some of its files cannot be measured the charge only rises; otherwise
 * the account would get their space twice.
 *
 * @param charged current charge without reservations.
 */
export function recountedUsage({ bytes, entries, isComplete }: Measurement, charged: Usage): Usage {
  if (isComplete) return { bytes, entries };
  return {
    bytes: Math.max(bytes, charged.bytes),
    entries: Math.max(entries, charged.entries),
  };
}
