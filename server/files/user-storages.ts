import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartialRepository } from '../../db/partial-repository.ts';
import type { Usage } from '../../db/quota-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import { originOf } from '../accounts/login-throttle.ts';
import type { Durability } from '../disk/durability.ts';
import { Jail } from '../disk/jail.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { isUnlimited, UNLIMITED } from '../quota/unlimited.ts';
import type { PartialRows } from '../uploads/partial-rows.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import { PartialUploads } from '../uploads/partial-uploads.ts';
import { restoreDirectories } from '../uploads/restore-directories.ts';
import { STAGING_DIRECTORY } from '../uploads/staging-directory.ts';
import { sweepStaging } from '../uploads/staging-sweep.ts';
import type { UnknownUploads } from '../uploads/unknown-uploads.ts';
import { type LongestPath, type UserStorage, WritableStorage } from '../uploads/user-storage.ts';
import { type Recovery, WritableSpace } from '../uploads/writable-space.ts';
import { Access, FULL_ACCESS } from './access.ts';
import { UserFileSystem } from './user-file-system.ts';

interface UserStoragesDeps {
  readonly rootDir: string;
  readonly anonymousDir: string | undefined;
  readonly ledger: QuotaLedger;
  readonly partials: PartialRepository;
  readonly partialRows: PartialRows;
  readonly unknown: UnknownUploads;
  readonly now: () => number;
  readonly durability: Durability;
  readonly onPartialError: (error: unknown) => void;
  readonly longestPath: LongestPath;
  readonly recovery?: Recovery;
  /** Size of the largest upload of accounts that have no limit of their own; unlimited by default. */
  readonly maxUploadBytes?: number;
}

/** The disks of all accounts. Sessions of one account share what must be one: partials and locks. */
export class UserStorages {
  readonly #deps: UserStoragesDeps;
  readonly #homes: HomeDirectories;
  readonly #opened = new Map<number, Promise<UserStorage>>();
  readonly #spaces = new Map<number, WritableSpace>();

  constructor(deps: UserStoragesDeps) {
    this.#deps = deps;
    this.#homes = new HomeDirectories(deps.rootDir);
  }

  /** Spaces of all accounts that have written, or may have left unfinished uploads. */
  get spaces(): Iterable<WritableSpace> {
    return this.#spaces.values();
  }

  /** The space of an account, even if it has no session. */
  spaceOf(accountId: number): WritableSpace {
    return this.#spaces.get(accountId) ?? this.#addSpace(accountId, []);
  }

  /** See `WritableSpace.inUploads`. */
  inUploads(accountId: number): Usage {
    return this.#spaces.get(accountId)?.inUploads ?? { bytes: 0, entries: 0 };
  }

  /** See {@link sweepStaging}. @returns the ids of accounts where anything was amiss: their quotas may be, too. */
  async sweep(): Promise<ReadonlySet<number>> {
    const { partials, unknown, onPartialError: onError } = this.#deps;
    const stagingDir = this.#stagingDir;
    const { known, mended } = await sweepStaging({ stagingDir, partials, unknown, onError });
    for (const [accountId, ofAccount] of known) this.#addSpace(accountId, ofAccount);
    return mended;
  }

  /**
   * The account's files, for one session. Its directory is made if it is missing.
   *
   * @param address of the client.
   */
  async open(account: Account, address = ''): Promise<UserFileSystem> {
    const access = this.accessOf(account, address);
    if (account.home !== '') await this.#homes.ensure(account.home);
    const opening = this.#opened.get(account.id) ?? this.#openStorage(account);
    this.#opened.set(account.id, opening);
    try {
      return new UserFileSystem(await opening, { now: this.#deps.now, access });
    } catch (error) {
      this.#opened.delete(account.id);
      throw error;
    }
  }

  /** What a session of the account may do. */
  accessOf({ access: settings, kind }: Account, address: string): Access {
    const { maxUploadBytes = UNLIMITED } = this.#deps;
    const isUser = kind === 'user';
    if (isUser && settings === undefined && isUnlimited(maxUploadBytes)) return FULL_ACCESS;
    return new Access({
      settings,
      maxUploadBytes,
      origin: isUser ? undefined : originOf(address),
    });
  }

  async #openStorage(account: Account): Promise<UserStorage> {
    const { anonymousDir, longestPath } = this.#deps;
    if (account.home === '') {
      const jail = new Jail(await realpath(anonymousDir ?? ''));
      return { kind: 'read-only', jail };
    }
    const jail = new Jail(await realpath(this.#homes.pathOf(account.home)));
    const space = this.spaceOf(account.id);
    await restoreDirectories(jail, space);
    return new WritableStorage({ jail, space, longestPath });
  }

  #addSpace(accountId: number, known: readonly PartialUpload[]): WritableSpace {
    const { ledger, durability, partialRows: repository, onPartialError: onError } = this.#deps;
    const { recovery } = this.#deps;
    const partials = new PartialUploads({ accountId, repository, known, onError });
    const stagingPath = this.#stagingPath(accountId);
    const space = new WritableSpace({
      ...{ accountId, ledger, partials, stagingPath, durability, recovery },
    });
    this.#spaces.set(accountId, space);
    return space;
  }

  get #stagingDir(): string {
    return join(this.#deps.rootDir, STAGING_DIRECTORY);
  }

  #stagingPath(accountId: number): string {
    return join(this.#stagingDir, String(accountId));
  }
}
