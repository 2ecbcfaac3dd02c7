import fs from 'node:fs';
import { promisify } from 'node:util';
import { Semaphore } from '../scheduling/semaphore.ts';
import { errnoOf } from './disk-errors.ts';

const sync = promisify(fs.fsync);

/** Makes uploads survive a power failure or a crash of the system. Each call takes as long as the disk does. */
export interface Durability {
  /** Resolves once what was written to the file is on the disk itself. */
  file(descriptor: number): Promise<void>;
  /** Makes the names in a directory durable. */
  directory(descriptor: number): Promise<void>;
}

/** Leaves it to the system, which writes to the disk within about half a minute. */
export const noSync: Durability = {
  file: async () => {},
  directory: async () => {},
};

/** Node has four threads for the disk. Those that wait here must leave some for the other sessions. */
const MAX_SYNCS = 2;

/** Waits for the disk (fsync(2)), in other threads. */
export class DiskSyncs implements Durability {
  readonly #sync: (descriptor: number) => Promise<void>;
  readonly #semaphore = new Semaphore(MAX_SYNCS);

  constructor(syncOne: (descriptor: number) => Promise<void> = sync) {
    this.#sync = syncOne;
  }

  file(descriptor: number): Promise<void> {
    return this.#semaphore.run(() => this.#sync(descriptor));
  }

  async directory(descriptor: number): Promise<void> {
    try {
      await this.file(descriptor);
    } catch (error) {
      // Some file systems, such as those of networks, know this for files only.
      if (errnoOf(error) !== 'EINVAL') throw error;
    }
  }
}
