import type { Stats } from 'node:fs';

/** Facts of a directory entry in a listing. */
export interface FileFacts {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** File type and permissions as `stat` has them. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly device: number;
  readonly inode: number;
  /** Set for an upload that was cut, in the place of the file that it was to become. */
  readonly isPartial?: true;
  /** Of a symbolic link to a place with other rights: the rights there, as bits (`rights/rights.ts`). */
  readonly targetRights?: number;
}

const FILE_TYPE_MASK = 0o170000;

/** The facts of an entry from its `stat` result. */
export function fileFacts(name: string, stats: Stats): FileFacts {
  return {
    name,
    kind: kindOf(stats.mode),
    sizeBytes: stats.size,
    modifiedMs: stats.mtimeMs,
    mode: stats.mode,
    nlink: stats.nlink,
    uid: stats.uid,
    gid: stats.gid,
    device: stats.dev,
    inode: stats.ino,
  };
}

/** Kind of file by mode. */
export function kindOf(mode: number): FileFacts['kind'] {
  switch (mode & FILE_TYPE_MASK) {
    case 0o100000:
      return 'file';
    case 0o040000:
      return 'directory';
    case 0o120000:
      return 'symlink';
    default:
      return 'other';
  }
}
