import type { Stats } from 'node:fs';
import { BoundedMap } from '../collections/bounded-map.ts';
import type { ChecksumAlgorithm } from './checksum-names.ts';
import type { FileIdentity } from './file-identity.ts';

/** Digests of a published file, known or being computed. */
export type RecentUploadDigest = string | Promise<string>;

interface RecentUpload {
  /** Facts of the file before it got its name. */
  readonly stats: Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;
  /** When it got its name: its time of change lies between the two. */
  readonly namedFromMs: number;
  readonly namedUntilMs: number;
  readonly digests: Readonly<Partial<Record<ChecksumAlgorithm, RecentUploadDigest>>>;
}

/** Resolution of file system time stamps (10 ms at most on Linux). */
const CLOCK_LAG_MS = 20;

/**
 * Digests of recently uploaded files. Reading the facts of each published file would cost a small upload more than its
 * digest. So a file is recognised when its checksum is requested: by its inode, length and modification time, and by a
 * change time at which it got its name.
 *
 * The resolution of these times is no risk: MyFTP changes no file in place, and another program would have to find the
 * file within one step of the clock.
 */
export class RecentUploadDigests {
  /** By inode. */
  readonly #files: BoundedMap<number, RecentUpload>;

  constructor(maxFiles: number) {
    this.#files = new BoundedMap(maxFiles);
  }

  add(file: RecentUpload): void {
    this.#files.set(file.stats.ino, file);
  }

  find(identity: FileIdentity, algorithm: ChecksumAlgorithm): RecentUploadDigest | undefined {
    const file = this.#files.get(identity.inode);
    return file !== undefined && isOf(file, identity) ? file.digests[algorithm] : undefined;
  }
}

function isOf({ stats, namedFromMs, namedUntilMs }: RecentUpload, identity: FileIdentity): boolean {
  return (
    stats.dev === identity.device &&
    stats.size === identity.sizeBytes &&
    stats.mtimeMs === identity.modifiedMs &&
    identity.changedMs >= namedFromMs - CLOCK_LAG_MS &&
    identity.changedMs <= namedUntilMs + 1
  );
}
