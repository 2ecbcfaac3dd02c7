import type { TrashRow } from '../../db/trash-repository.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';

/** A file, link or directory that its account has deleted, and can get back. */
export interface TrashItem extends Omit<TrashRow, 'accountId' | 'path'> {
  /** The name that it had. */
  readonly path: VirtualPath;
}
