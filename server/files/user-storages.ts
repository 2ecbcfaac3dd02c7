import { statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { PartialRepository } from '../../db/partial-repository.ts';
import type { Usage } from '../../db/quota-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import {
  type CreationRules,
  type CreationSettings,
  creationRules,
  NO_RULES,
  type Owner,
} from '../disk/creation-rules.ts';
import type { Durability } from '../disk/durability.ts';
import { isHomeMounted } from '../disk/home-marker.ts';
import { type HomePlace, isElsewhere, stagingDirOf, stagingPathOf } from '../disk/home-place.ts';
import { Jail } from '../disk/jail.ts';
import { mayGiveTo } from '../disk/ownership.ts';
import { isSameFile } from '../disk/same-file.ts';
import { FileUnavailableError, LoginRefusedError } from '../errors/errors.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import type { PartialRows } from '../uploads/partial-rows.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import { PartialUploads } from '../uploads/partial-uploads.ts';
import { restoreDirectories } from '../uploads/restore-directories.ts';
import { type SweptPartials, sweepStaging } from '../uploads/staging-sweep.ts';
import type { UnknownAreas } from '../uploads/unknown-areas.ts';
import { type LongestPath, type UserStorage, WritableStorage } from '../uploads/user-storage.ts';
import { type Recovery, WritableSpace } from '../uploads/writable-space.ts';
import { UserFileSystem } from './user-file-system.ts';

interface UserStoragesDeps {
  readonly rootDir: string;
  readonly anonymousDir: string | undefined;
  readonly ledger: QuotaLedger;
  readonly partials: PartialRepository;
  readonly partialRows: PartialRows;
  readonly unknown: UnknownAreas;
  /** Finds the homes that are elsewhere; without it there are none. */
  readonly accounts?: Pick<AccountRepository, 'listElsewhere'>;
  readonly now: () => number;
  readonly durability: Durability;
  readonly onPartialError: (error: unknown) => void;
  readonly longestPath: LongestPath;
  /** For all accounts; each may have settings of its own. */
  readonly creation?: CreationSettings;
  /** Called when the unfinished uploads in a home that was mounted late do not agree with the database. */
  readonly onMended?: (accountId: number) => void;
  /** Called when a login is refused because the home is elsewhere and not mounted. */
  readonly onHomeMissing?: (account: Account) => void;
  /** Called at the login of an account whose files the server may not give to their owner. */
  readonly onOwnerRefused?: (account: Account, owner: Owner) => void;
  readonly recovery?: Recovery;
}

/** The disks of all accounts. Sessions of one account share what must be one: partials and locks. */
export class UserStorages {
  readonly #deps: UserStoragesDeps;
  readonly #homes: HomeDirectories;
  readonly #opened = new Map<number, Promise<UserStorage>>();
  readonly #spaces = new Map<number, WritableSpace>();
  /** Of accounts whose homes are elsewhere. */
  readonly #stagingPaths = new Map<number, string>();
  readonly #sweeping = new Map<number, Promise<Iterable<number>>>();

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

  /**
   * See {@link sweepStaging}. A home that is elsewhere and not mounted is left alone until {@link prepare}.
   *
   * @returns the ids of accounts where anything was amiss: their quotas may be, too.
   */
  async sweep(): Promise<ReadonlySet<number>> {
    const mended = new Set(await this.#sweep(this.#stagingDirOf('')));
    for (const account of (await this.#deps.accounts?.listElsewhere()) ?? []) {
      if (!isHomeMounted(account)) continue;
      // A disk that fails concerns its own account alone.
      const ofHome = await this.#sweepElsewhere(account).catch(this.#deps.onPartialError);
      for (const id of ofHome ?? []) mended.add(id);
    }
    return mended;
  }

  /** Makes the unfinished uploads of an account known, if its home is elsewhere and was not mounted at the start. */
  async prepare(account: HomePlace): Promise<void> {
    if (!isElsewhere(account.home) || this.#spaces.has(account.id)) return;
    const sweeping = this.#sweeping.get(account.id) ?? this.#sweepElsewhere(account);
    this.#sweeping.set(account.id, sweeping);
    const mended = await sweeping.finally(() => this.#sweeping.delete(account.id));
    for (const id of mended) this.#deps.onMended?.(id);
  }

  async #sweepElsewhere(account: HomePlace): Promise<Iterable<number>> {
    const { id, home } = account;
    this.#stagingPaths.set(id, stagingPathOf(this.#deps.rootDir, account));
    const mended = await this.#sweep(this.#stagingDirOf(home), id);
    if (!this.#spaces.has(id)) this.#addSpace(id, []);
    return mended;
  }

  async #sweep(stagingDir: string, accountId?: number): Promise<Iterable<number>> {
    const { partials, onPartialError: onError } = this.#deps;
    const unknown = this.#deps.unknown.of(stagingDir);
    const { known, mended } = await sweepStaging({
      ...{ stagingDir, unknown, onError },
      partials: accountId === undefined ? partials : partialsOf(partials, accountId),
    });
    for (const [id, ofAccount] of known) this.#addSpace(id, ofAccount);
    return mended;
  }

  /** The account's files, for one session. Its directory is made if it is missing. */
  async open(account: Account): Promise<UserFileSystem> {
    const rules = creationRules(account.creation ?? NO_RULES, this.#deps.creation ?? NO_RULES);
    const { owner } = rules;
    if (owner !== undefined && !mayGiveTo(owner)) this.#deps.onOwnerRefused?.(account, owner);
    if (account.kind === 'user') await this.#openHome(account, rules);
    const opening = this.#opened.get(account.id) ?? this.#openStorage(account, rules);
    this.#opened.set(account.id, opening);
    try {
      const requireHome = isElsewhere(account.home) ? homeGuard(account.home) : undefined;
      return new UserFileSystem(await opening, this.#deps.now, { rules, requireHome });
    } catch (error) {
      this.#opened.delete(account.id);
      throw error;
    }
  }

  /** @throws LoginRefusedError if the home is elsewhere and not mounted: another directory must not take its place. */
  async #openHome(account: Account, rules: CreationRules): Promise<void> {
    if (!isElsewhere(account.home)) {
      await this.#homes.ensure(account.home, rules);
      return;
    }
    if (!isHomeMounted(account)) {
      this.#deps.onHomeMissing?.(account);
      throw new LoginRefusedError(
        'The home directory of this account is not available; try again later.',
      );
    }
    await this.prepare(account);
  }

  async #openStorage(account: Account, rules: CreationRules): Promise<UserStorage> {
    const { anonymousDir, longestPath } = this.#deps;
    if (account.kind === 'anonymous') {
      const jail = new Jail(await realpath(anonymousDir ?? ''));
      return { kind: 'read-only', jail };
    }
    const jail = new Jail(await realpath(this.#homes.pathOf(account.home)));
    const space = this.spaceOf(account.id);
    await restoreDirectories(jail, { space, rules });
    return new WritableStorage({ jail, space, longestPath });
  }

  #addSpace(accountId: number, known: readonly PartialUpload[]): WritableSpace {
    const { ledger, durability, partialRows: repository, onPartialError: onError } = this.#deps;
    const { recovery } = this.#deps;
    const partials = new PartialUploads({ accountId, repository, known, onError });
    const elsewhere = this.#stagingPaths.get(accountId);
    const stagingPath = elsewhere ?? join(this.#stagingDirOf(''), String(accountId));
    const isElsewhere = elsewhere !== undefined;
    const space = new WritableSpace({
      ...{ accountId, ledger, partials, stagingPath, isElsewhere, durability, recovery },
    });
    this.#spaces.set(accountId, space);
    return space;
  }

  #stagingDirOf(home: string): string {
    return stagingDirOf(this.#deps.rootDir, home);
  }
}

function partialsOf(partials: PartialRepository, of: number): SweptPartials {
  return {
    listPage: (page) => partials.listPage({ ...page, of }),
    removeAll: (ids) => partials.removeAll(ids),
  };
}

/** Finds out that a file system was unmounted, or another one mounted, under a session. */
function homeGuard(home: string): () => void {
  const before = statSync(home);
  return () => {
    const now = statSync(home, { throwIfNoEntry: false });
    if (now !== undefined && isSameFile(now, before)) return;
    throw new FileUnavailableError('The home directory of this account is not available.');
  };
}
