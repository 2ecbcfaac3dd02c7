import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const MAX_AGE_MS = 10_000;

const NAMES = v.array(v.object({ name: v.string(), isDirectory: v.boolean() }));

export type ListedName = v.InferOutput<typeof NAMES>[number];

/**
 * The names in directories that were completed in the last seconds. A directory that could not be listed counts as an
 * empty one, so that a password that is refused is not sent again with each key.
 */
export class ListingCache {
  readonly #directory: string;

  constructor(cacheDirectory: string) {
    this.#directory = join(cacheDirectory, 'completion');
  }

  /** Lists only what was not listed a moment ago. */
  async names(
    place: string,
    list: () => Promise<readonly ListedName[]>,
  ): Promise<readonly ListedName[]> {
    const file = join(this.#directory, createHash('sha256').update(place).digest('hex'));
    const kept = await this.#read(file);
    if (kept !== undefined) return kept;
    const names = await list().catch(() => []);
    await this.#write(file, names);
    return names;
  }

  async #read(file: string): Promise<readonly ListedName[] | undefined> {
    try {
      const { mtimeMs } = await stat(file);
      if (Math.abs(Date.now() - mtimeMs) > MAX_AGE_MS) return undefined;
      return v.parse(NAMES, JSON.parse(await readFile(file, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** The cache is only a help: one that cannot be written is none. */
  async #write(file: string, names: readonly ListedName[]): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await rm(file, { force: true });
      await writeFile(file, JSON.stringify(names), { mode: 0o600, flag: 'wx' });
    } catch {
      // Another completion may have been faster.
    }
  }
}
