import type { ByteName } from '../system/byte-name.ts';
import type { FileFacts } from '../system/file-facts.ts';

/** A shared folder among the entries of a directory. What the disk has under its name is not listed. */
export interface ListedFolder {
  readonly name: ByteName;
  /** Undefined while the folder is not available: then the name is not listed at all. */
  readonly facts: FileFacts | undefined;
  /** The fact `perm`. */
  readonly permissions: string;
}

/** The shared folders of a listed directory, by name. */
export function foldersByName(
  folders: readonly ListedFolder[] | undefined,
): ReadonlyMap<ByteName, ListedFolder> | undefined {
  return folders && new Map(folders.map((folder) => [folder.name, folder]));
}
