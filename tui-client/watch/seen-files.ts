import { lstatSync } from 'node:fs';
import { joinPath } from '../files/place.ts';
import { diskPath } from '../local/disk-name.ts';

/**
 * Local files whose content the target is known to have. Times of servers are too coarse to tell two saves within a
 * second or two apart.
 */
export class SeenFiles {
  readonly #root: string;
  readonly #startedMs = Date.now();
  readonly #known = new Map<string, string>();
  readonly #compared = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether a file was changed since the start, and is not known to be at the target as it is now. */
  isDoubted(path: string): boolean {
    const facts = this.#look(path);
    if (facts === undefined || facts.changedMs < this.#startedMs) return false;
    this.#compared.set(path, facts.stamp);
    return this.#known.get(path) !== facts.stamp;
  }

  /** How long ago a file was written; undefined if it no longer exists. Notes how it is now. */
  ageMs(path: string): number | undefined {
    const facts = this.#look(path);
    if (facts === undefined) return undefined;
    this.#compared.set(path, facts.stamp);
    return Date.now() - facts.writtenMs;
  }

  /** What was compared or sent since the last call is at the target now, or is not. */
  end(outcome: 'confirmed' | 'failed'): void {
    if (outcome === 'confirmed') {
      for (const [path, stamp] of this.#compared) this.#known.set(path, stamp);
    }
    this.#compared.clear();
  }

  #look(path: string) {
    const file = diskPath(joinPath(this.#root, path));
    const stats = lstatSync(file, { throwIfNoEntry: false, bigint: true });
    if (stats === undefined) return undefined;
    return {
      stamp: `${stats.ino}:${stats.size}:${stats.mtimeNs}`,
      writtenMs: Number(stats.mtimeMs),
      changedMs: Number(stats.ctimeMs),
    };
  }
}
