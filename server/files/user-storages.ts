import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartialRepository } from '../../db/partial-repository.ts';
import type { Usage } from '../../db/quota-repository.ts';
import type { TrashRepository } from '../../db/trash-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import { originOf } from '../accounts/login-throttle.ts';
import {
  type CreationRules,
  type CreationSettings,
  creationRules,
  NO_RULES,
  type Owner,
} from '../disk/creation-rules.ts';
import type { Durability } from '../disk/durability.ts';
import { Jail } from '../disk/jail.ts';
import { mayGiveTo } from '../disk/ownership.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { isUnlimited, UNLIMITED } from '../quota/unlimited.ts';
import { Trash, type TrashDeps } from '../trash/trash.ts';
import { TRASH_DIRECTORY } from '../trash/trash-directory.ts';
import type { TrashItem } from '../trash/trash-item.ts';
import { sweepTrash } from '../trash/trash-sweep.ts';
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
  /** For all accounts; each may have settings of its own. */
  readonly creation?: CreationSettings;
  /** Called at the login of an account whose files the server may not give to their owner. */
  readonly onOwnerRefused?: (account: Account, owner: Owner) => void;
  readonly recovery?: Recovery;
  readonly trash: TrashDeps & {
    readonly repository: TrashRepository;
    /** Files of the trash that the database does not know. */
    readonly unknown: UnknownUploads;
    /** Time for which deleted files of an account are kept that has no setting of its own; 0 if they are not. */
    readonly keepMs: number;
  };
  /** Size of the largest upload of accounts that have no limit of their own; unlimited by default. */
  readonly maxUploadBytes?: number;
}

/** What earlier runs have left of an account. */
interface Leftovers {
  readonly partials: readonly PartialUpload[];
  readonly items: readonly TrashItem[];
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
    return this.#spaces.get(accountId) ?? this.#addSpace(accountId);
  }

  /** See `WritableSpace.inUploads`. */
  inUploads(accountId: number): Usage {
    return this.#spaces.get(accountId)?.inUploads ?? { bytes: 0, entries: 0 };
  }

  /** See {@link sweepStaging} and {@link sweepTrash}. @returns the ids of accounts where anything was amiss: their quotas may be, too. */
  async sweep(): Promise<ReadonlySet<number>> {
    const { partials, unknown, onPartialError: onError, rootDir } = this.#deps;
    const stagingDir = join(rootDir, STAGING_DIRECTORY);
    const staging = await sweepStaging({ stagingDir, partials, unknown, onError });
    const trash = await this.#sweepTrash();
    for (const accountId of new Set([...staging.known.keys(), ...trash.known.keys()])) {
      this.#addSpace(accountId, {
        partials: staging.known.get(accountId) ?? [],
        items: trash.known.get(accountId) ?? [],
      });
    }
    return new Set([...staging.mended, ...trash.mended]);
  }

  #sweepTrash() {
    const { rootDir, trash } = this.#deps;
    const { repository, unknown, onError } = trash;
    const trashDir = join(rootDir, TRASH_DIRECTORY);
    return sweepTrash({ rootDir, trashDir, trash: repository, unknown, onError });
  }

  /**
   * The account's files, for one session. Its directory is made if it is missing.
   *
   * @param address of the client.
   */
  async open(account: Account, address = ''): Promise<UserFileSystem> {
    const access = this.accessOf(account, address);
    const rules = this.#rulesOf(account);
    if (account.home !== '') await this.#homes.ensure(account.home, rules);
    const opening = this.#opened.get(account.id) ?? this.#openStorage(account, rules);
    this.#opened.set(account.id, opening);
    try {
      const storage = await opening;
      if (storage.kind === 'writable') this.#keepDeleted(storage, account);
      return new UserFileSystem(storage, { now: this.#deps.now, access, rules });
    } catch (error) {
      this.#opened.delete(account.id);
      throw error;
    }
  }

  /** From this login on, for all sessions of the account. */
  #keepDeleted({ space }: WritableStorage, { keepDeletedMs }: Account): void {
    space.trash.keepMs = keepDeletedMs ?? this.#deps.trash.keepMs;
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

  #rulesOf(account: Account): CreationRules {
    const rules = creationRules(account.creation ?? NO_RULES, this.#deps.creation ?? NO_RULES);
    const { owner } = rules;
    if (owner !== undefined && !mayGiveTo(owner)) this.#deps.onOwnerRefused?.(account, owner);
    return rules;
  }

  async #openStorage(account: Account, rules: CreationRules): Promise<UserStorage> {
    const { anonymousDir, longestPath } = this.#deps;
    if (account.home === '') {
      const jail = new Jail(await realpath(anonymousDir ?? ''));
      return { kind: 'read-only', jail };
    }
    const jail = new Jail(await realpath(this.#homes.pathOf(account.home)));
    const space = this.spaceOf(account.id);
    await restoreDirectories(jail, { space, rules });
    return new WritableStorage({ jail, space, longestPath });
  }

  #addSpace(accountId: number, { partials: known, items }: Leftovers = NONE): WritableSpace {
    const { ledger, durability, partialRows: repository, onPartialError: onError } = this.#deps;
    const { recovery, rootDir } = this.#deps;
    const partials = new PartialUploads({ accountId, repository, known, onError });
    const trash = new Trash({
      ...this.#deps.trash,
      accountId,
      directory: join(rootDir, TRASH_DIRECTORY, String(accountId)),
      known: items,
      refund: (bytes) => ledger.refund(accountId, bytes),
    });
    const stagingPath = join(rootDir, STAGING_DIRECTORY, String(accountId));
    const space = new WritableSpace({
      ...{ accountId, ledger, partials, trash, stagingPath, durability, recovery },
    });
    this.#spaces.set(accountId, space);
    return space;
  }
}

const NONE: Leftovers = { partials: [], items: [] };
