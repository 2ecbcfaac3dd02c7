import { type RawBuilder, sql } from 'kysely';

/** A shared folder in the tree of an account. */
export interface FolderMount {
  /** Name of the folder. */
  readonly folder: string;
  /** The account that is charged for the files. */
  readonly accountId: number;
  /** Path of the folder in the tree of that account. */
  readonly directory: string;
  /** Path of the folder in the tree of the account that sees it. */
  readonly at: string;
  readonly isReadOnly: boolean;
}

interface StoredMount extends Omit<FolderMount, 'isReadOnly'> {
  readonly readOnly: number;
  /** The mount is of the account itself: 1, or of its group: 0. */
  readonly isOwn: number;
}

/** The folders of an account as JSON, in a statement about `account`: a login needs no statement of its own for them. */
export const MOUNTS_OF_ACCOUNT: RawBuilder<string> = sql<string>`(
  SELECT json_group_array(json_object(
    'folder', folder.name, 'accountId', folder.account_id, 'directory', folder.directory,
    'at', folder_mount.path, 'readOnly', folder_mount.read_only,
    'isOwn', folder_mount.account_id IS NOT NULL))
  FROM folder_mount JOIN folder ON folder.id = folder_mount.folder_id
  WHERE folder_mount.account_id = account.id OR folder_mount.group_id = account.group_id)`;

/** Of two folders at one path, that of the account itself counts. @returns undefined if there are none. */
export function readMounts(stored: string): readonly FolderMount[] | undefined {
  if (stored === '[]') return undefined;
  const rows = (JSON.parse(stored) as StoredMount[]).toSorted((a, b) => a.isOwn - b.isOwn);
  const byPath = new Map<string, FolderMount>();
  for (const { readOnly, isOwn: _, ...mount } of rows) {
    byPath.set(mount.at, { ...mount, isReadOnly: readOnly === 1 });
  }
  return [...byPath.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1));
}
