import type { QuotaLedger } from '../quota/quota-ledger.ts';
import type { Jail } from './jail.ts';
import { Mutex } from './mutex.ts';
import type { PartialUpload, PartialUploads } from './partial-uploads.ts';
import type { WritableSpace } from './writable-space.ts';

interface StorageParts {
  readonly jail: Jail;
  readonly accountId: number;
  /** Undefined for an account that cannot write. */
  readonly writing: WritableSpace | undefined;
}

/** The disk of one account, shared by all of its sessions. */
export class UserStorage {
  readonly jail: Jail;
  readonly accountId: number;
  readonly writing: WritableSpace | undefined;
  /** See {@link WritableSpace.names}. */
  readonly names: Mutex;
  /** Counts the changes of names that went through this storage. */
  nameChanges = 0;

  constructor({ jail, accountId, writing }: StorageParts) {
    this.jail = jail;
    this.accountId = accountId;
    this.writing = writing;
    this.names = writing?.names ?? new Mutex();
  }

  get partials(): PartialUploads | undefined {
    return this.writing?.partials;
  }

  get ledger(): QuotaLedger | undefined {
    return this.writing?.ledger;
  }

  /** Gives back the space of a file that is gone. */
  refund(bytes: number): void {
    this.writing?.refund(bytes);
  }

  /** See {@link WritableSpace.dropPartial}. */
  async dropPartial(partial: PartialUpload): Promise<void> {
    await this.writing?.dropPartial(partial);
  }
}
