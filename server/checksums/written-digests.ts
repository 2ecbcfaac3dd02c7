import type { Stats } from 'node:fs';
import type { ChecksumAlgorithm, FileIdentity } from './checksum-task.ts';

/** What is known, or soon will be, of a file that was put in place. */
export type WrittenDigest = string | Promise<string>;

interface WrittenFile {
  /** As the file was before it got its name. */
  readonly stats: Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;
  /** When it got its name: its time of change lies between the two. */
  readonly namedFromMs: number;
  readonly namedUntilMs: number;
  readonly digests: Readonly<Partial<Record<ChecksumAlgorithm, WrittenDigest>>>;
}

/** File systems count time in steps, and so lag behind (10 ms at most on Linux). */
const CLOCK_LAG_MS = 20;

/**
 * Digests of files by whoever has just written them. To look up the state in which each file was left would cost a
 * small upload more than its digest; so it is recognised when somebody asks: by its inode, length and
 * time of modification, and by a time of change at which it got its name.
 *
 * That these times are fresh does not matter: nothing of MyFTP changes a file in place, and anybody else
 * would have to find it within a step of the clock.
 */
export class WrittenDigests {
  readonly #filesAtMost: number;
  /** By inode; the oldest first. */
  readonly #files = new Map<number, WrittenFile>();

  constructor(filesAtMost: number) {
    this.#filesAtMost = filesAtMost;
  }

  add(file: WrittenFile): void {
    const { ino } = file.stats;
    this.#files.delete(ino);
    this.#files.set(ino, file);
    if (this.#files.size <= this.#filesAtMost) return;
    for (const oldest of this.#files.keys()) {
      this.#files.delete(oldest);
      break;
    }
  }

  find(identity: FileIdentity, algorithm: ChecksumAlgorithm): WrittenDigest | undefined {
    const file = this.#files.get(identity.inode);
    return file !== undefined && isOf(file, identity) ? file.digests[algorithm] : undefined;
  }
}

function isOf({ stats, namedFromMs, namedUntilMs }: WrittenFile, identity: FileIdentity): boolean {
  return (
    stats.dev === identity.device &&
    stats.size === identity.sizeBytes &&
    stats.mtimeMs === identity.modifiedMs &&
    identity.changedMs >= namedFromMs - CLOCK_LAG_MS &&
    identity.changedMs <= namedUntilMs + 1
  );
}
