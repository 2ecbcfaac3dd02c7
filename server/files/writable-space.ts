import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { ignoreMissing, lstat, makeDirectory, unlink } from './disk.ts';
import type { Durability } from './durability.ts';
import { Mutex } from './mutex.ts';
import type { PartialUpload, PartialUploads } from './partial-uploads.ts';
import { RunningUploads } from './running-uploads.ts';

interface Parts {
  readonly accountId: number;
  readonly ledger: QuotaLedger;
  readonly partials: PartialUploads;
  readonly stagingPath: string;
  readonly durability: Durability;
}

/** Partials of one account: all operations on names look through them. */
export const MAX_PARTIALS = 1000;

/** What an account may fill, and what lies in it unfinished. It is there even if nobody is logged in. */
export class WritableSpace {
  readonly accountId: number;
  readonly ledger: QuotaLedger;
  readonly partials: PartialUploads;
  readonly durability: Durability;
  readonly running = new RunningUploads();
  /**
   * Held while a name changes hands: sizes are looked up and names are changed in one step, so that
   * two who replace the same file do not both give back its space.
   */
  readonly names = new Mutex();
  readonly #stagingPath: string;
  #stagingMade = false;

  constructor({ accountId, ledger, partials, stagingPath, durability }: Parts) {
    this.accountId = accountId;
    this.ledger = ledger;
    this.partials = partials;
    this.#stagingPath = stagingPath;
    this.durability = durability;
  }

  /** Gives back the space of a file that is gone. */
  refund(bytes: number): void {
    if (bytes > 0) this.ledger.refund(this.accountId, bytes);
  }

  /** A place for a new upload, on the disk of the account and outside its tree. */
  async newStagingFile(): Promise<{ id: string; diskPath: string }> {
    if (!this.#stagingMade) {
      await makeDirectory(this.#stagingPath, { recursive: true, mode: 0o700 });
      this.#stagingMade = true;
    }
    const id = randomUUID();
    return { id, diskPath: join(this.#stagingPath, id) };
  }

  /**
   * Drops the partials that are too many: those first that were worked on longest ago, and would expire next. Call it
   * with `names` held.
   */
  async dropExcessPartials(): Promise<void> {
    const excess = this.partials.count - MAX_PARTIALS;
    if (excess <= 0) return;
    const idle = this.partials.list().filter((partial) => !this.partials.isInUse(partial));
    idle.sort((one, other) => one.cutAtMs - other.cutAtMs);
    for (const partial of idle.slice(0, excess)) await this.dropPartial(partial);
  }

  /**
   * Drops a partial upload and gives its space back. One that an upload is carrying on is left alone: that
   * upload sees to what has its name when it ends. Call it with `names` held.
   *
   * @returns the size of what is gone.
   */
  async dropPartial(partial: PartialUpload): Promise<number> {
    if (this.partials.isClaimed(partial)) return 0;
    // Nobody may begin to carry it on while it goes.
    this.partials.claim(partial);
    try {
      const sizeBytes = await sizeIfThere(partial.diskPath);
      await unlink(partial.diskPath).catch(ignoreMissing);
      await this.partials.remove(partial);
      this.refund(sizeBytes);
      return sizeBytes;
    } finally {
      this.partials.release(partial.id);
    }
  }
}

/** The size of a plain file; 0 if there is none of that name. */
export async function sizeIfThere(diskPath: string): Promise<number> {
  const stats = await lstat(diskPath);
  return stats?.isFile() === true ? stats.size : 0;
}
