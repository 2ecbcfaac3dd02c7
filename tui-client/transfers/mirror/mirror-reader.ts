import type { Failure } from '../../errors/failure.ts';
import { isOfOneDirectory, readListing } from '../../files/listing.ts';
import type { Entry, Place } from '../../files/place.ts';
import { type Excludes, excludesFrom } from '../excludes.ts';

interface ReaderOptions {
  readonly excludes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Reads directories for a mirror, and remembers what could not be read. */
export class MirrorReader {
  readonly problems: Failure[] = [];
  readonly #options: ReaderOptions;
  readonly #isExcluded: Excludes;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#isExcluded = excludesFrom(options.excludes);
  }

  /** All entries that were understood; undefined if the directory could not be read. */
  async read(place: Place, directory: string): Promise<readonly Entry[] | undefined> {
    try {
      const { entries, gap } = await readListing(place, directory, this.#options.signal);
      if (gap !== undefined) this.problems.push(gap);
      return entries;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (!isOfOneDirectory(error)) throw error;
      this.problems.push(error);
      return undefined;
    }
  }

  /** @param path below both directories of the mirror. */
  isLeftOut(path: string, kind: Entry['kind']): boolean {
    return this.#isExcluded(path, kind === 'directory' ? 'directory' : 'file');
  }
}
