import fs from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf } from './disk-errors.ts';

const sync = promisify(fs.fsync);

/** Makes uploads survive a power failure or a crash of the system. Each call takes as long as the disk does. */
export interface Durability {
  /** Resolves once what was written to the file is on the disk itself. */
  file(descriptor: number): Promise<void>;
  /** Makes the names in a directory durable. */
  directory(descriptor: number): Promise<void>;
}

/** Leaves it to the system, which writes things down within half a minute or so. */
export const leftToTheSystem: Durability = {
  file: async () => {},
  directory: async () => {},
};

/** Node has four threads for the disk. Those that wait here must leave some for the other sessions. */
const SYNCS_AT_A_TIME = 2;

/** Waits for the disk (fsync(2)), in other threads. */
export class DiskSyncs implements Durability {
  readonly #sync: (descriptor: number) => Promise<void>;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(syncOne: (descriptor: number) => Promise<void> = sync) {
    this.#sync = syncOne;
  }

  file(descriptor: number): Promise<void> {
    return this.#inTurn(descriptor);
  }

  async directory(descriptor: number): Promise<void> {
    try {
      await this.#inTurn(descriptor);
    } catch (error) {
      // Some file systems, such as those of networks, know this for files only.
      if (errnoOf(error) !== 'EINVAL') throw error;
    }
  }

  async #inTurn(descriptor: number): Promise<void> {
    if (this.#running >= SYNCS_AT_A_TIME) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      await this.#sync(descriptor);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
