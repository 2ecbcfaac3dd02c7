import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { ignoreMissing, lstat, makeDirectory, unlink } from './disk.ts';
import type { Jail } from './jail.ts';
import { Mutex } from './mutex.ts';
import type { PartialUpload, PartialUploads } from './partial-uploads.ts';

interface StorageParts {
  readonly jail: Jail;
  readonly accountId: number;
  /** Undefined for an account that cannot write. */
  readonly writing: WritableParts | undefined;
}

interface WritableParts {
  readonly ledger: QuotaLedger;
  readonly partials: PartialUploads;
  readonly stagingPath: string;
}

/** The disk of one account, shared by all of its sessions. */
export class UserStorage {
  readonly jail: Jail;
  readonly accountId: number;
  readonly #writing: WritableParts | undefined;
  /**
   * Held while a name changes hands: sizes are looked up and names are changed in one step, so that
   * two who replace the same file do not both give back its space.
   */
  readonly names = new Mutex();
  /** Counts the changes of names that went through this storage. */
  nameChanges = 0;
  #stagingMade = false;

  constructor({ jail, accountId, writing }: StorageParts) {
    this.jail = jail;
    this.accountId = accountId;
    this.#writing = writing;
  }

  get writing(): WritableParts | undefined {
    return this.#writing;
  }

  get partials(): PartialUploads | undefined {
    return this.#writing?.partials;
  }

  get ledger(): QuotaLedger | undefined {
    return this.#writing?.ledger;
  }

  /** Gives back the space of a file that is gone. */
  refund(bytes: number): void {
    if (bytes > 0) this.#writing?.ledger.refund(this.accountId, bytes);
  }

  /** A place for a new upload, on the disk of the account and outside its tree. */
  async newStagingFile(): Promise<{ id: string; diskPath: string }> {
    const stagingPath = this.#writing?.stagingPath ?? '';
    if (!this.#stagingMade) {
      await makeDirectory(stagingPath, { recursive: true, mode: 0o700 });
      this.#stagingMade = true;
    }
    const id = randomUUID();
    return { id, diskPath: join(stagingPath, id) };
  }

  /**
   * Drops a partial upload and gives its space back. One that an upload is carrying on is left alone: that
   * upload sees to what has its name when it ends. Call it with `names` held.
   */
  async dropPartial(partial: PartialUpload): Promise<void> {
    const partials = this.#writing?.partials;
    if (partials === undefined || partials.isClaimed(partial)) return;
    // Nobody may begin to carry it on while it goes.
    partials.claim(partial);
    try {
      const sizeBytes = await sizeIfThere(partial.diskPath);
      await unlink(partial.diskPath).catch(ignoreMissing);
      await partials.remove(partial);
      this.refund(sizeBytes);
    } finally {
      partials.release(partial.id);
    }
  }
}

/** The size of a plain file; 0 if there is none of that name. */
export async function sizeIfThere(diskPath: string): Promise<number> {
  const stats = await lstat(diskPath);
  return stats?.isFile() === true ? stats.size : 0;
}
