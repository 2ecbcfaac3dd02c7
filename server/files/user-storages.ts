import { realpath } from 'node:fs/promises';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { Usage } from '../../db/quota-repository.ts';
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
import { isHomeMounted } from '../disk/home-marker.ts';
import { type HomePlace, isElsewhere, stagingPathOf } from '../disk/home-place.ts';
import { Jail } from '../disk/jail.ts';
import { mayGiveTo } from '../disk/ownership.ts';
import { LoginRefusedError } from '../errors/errors.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { isUnlimited, UNLIMITED } from '../quota/unlimited.ts';
import { Trash, type TrashDeps } from '../trash/trash.ts';
import { trashPathOf } from '../trash/trash-directory.ts';
import type { PartialRows } from '../uploads/partial-rows.ts';
import { PartialUploads } from '../uploads/partial-uploads.ts';
import { restoreDirectories } from '../uploads/restore-directories.ts';
import type { RoomMaker } from '../uploads/room-maker.ts';
import { type LongestPath, type UserStorage, WritableStorage } from '../uploads/user-storage.ts';
import { type Recovery, WritableSpace } from '../uploads/writable-space.ts';
import { Access, FULL_ACCESS } from './access.ts';
import { openFolders, refreshedFiles, type TreeRequest } from './folder-trees.ts';
import { homeGuard } from './home-guard.ts';
import type { SessionFiles } from './session-files.ts';
import { type Leftovers, type SweepDeps, sweepHomes } from './sweep-homes.ts';
import { UserFileSystem } from './user-file-system.ts';

interface UserStoragesDeps extends SweepDeps {
  readonly anonymousDir: string | undefined;
  readonly ledger: QuotaLedger;
  readonly partialRows: PartialRows;
  /** Finds the homes that are elsewhere; without it there are none. */
  readonly accounts?: Pick<AccountRepository, 'listElsewhere' | 'findById'>;
  readonly now: () => number;
  readonly durability: Durability;
  readonly longestPath: LongestPath;
  /** For all accounts; each may have settings of its own. */
  readonly creation?: CreationSettings;
  /** Called when the unfinished uploads in a home that was mounted late do not agree with the database. */
  readonly onMended?: (accountId: number) => void;
  /** Called when a login is refused because the home is elsewhere and not mounted. */
  readonly onHomeMissing?: (account: TreeOwner) => void;
  /** Called when a shared folder is not available. */
  readonly onFolderMissing?: (folder: string, error: unknown) => void;
  /** Called at the login of an account whose files the server may not give to their owner. */
  readonly onOwnerRefused?: (account: TreeOwner, owner: Owner) => void;
  readonly recovery?: Recovery;
  readonly trash: SweepDeps['trash'] & TrashDeps;
  /** Size of the largest upload of accounts that have no limit of their own; unlimited by default. */
  readonly maxUploadBytes?: number;
}

/** The account whose files a tree holds. */
type TreeOwner = Pick<
  Account,
  'id' | 'username' | 'home' | 'homeId' | 'creation' | 'keepDeletedMs'
>;

/** The disks of all accounts. Sessions of one account share what must be one: partials and locks. */
export class UserStorages {
  readonly #deps: UserStoragesDeps;
  readonly #homes: HomeDirectories;
  readonly #opened = new Map<number, Promise<UserStorage>>();
  readonly #spaces = new Map<number, WritableSpace>();
  /** Homes of the accounts that have them elsewhere. */
  readonly #elsewhere = new Map<number, string>();
  readonly #sweeping = new Map<number, Promise<Iterable<number>>>();

  #roomMaker: RoomMaker | undefined;

  constructor(deps: UserStoragesDeps) {
    this.#deps = deps;
    this.#homes = new HomeDirectories(deps.rootDir);
  }

  /** Has files deleted for uploads, from now on. */
  makeRoomBy(roomMaker: RoomMaker): void {
    this.#roomMaker = roomMaker;
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

  /**
   * See {@link sweepHomes}. A home that is elsewhere and not mounted is left alone until
   * {@link prepare}.
   *
   * @returns the ids of accounts where anything was amiss: their quotas may be, too.
   */
  async sweep(): Promise<ReadonlySet<number>> {
    const mended = new Set(await this.#sweep(''));
    for (const account of (await this.#deps.accounts?.listElsewhere()) ?? []) {
      if (!isHomeMounted(account)) continue;
      // A disk that fails concerns its own account alone.
      const ofHome = await this.#sweepElsewhere(account).catch(this.#deps.onPartialError);
      for (const id of ofHome ?? []) mended.add(id);
    }
    return mended;
  }

  /** Makes the unfinished uploads and the trash of an account known, if its home is elsewhere and was not mounted at the start. */
  async prepare(account: HomePlace): Promise<void> {
    if (!isElsewhere(account.home) || this.#spaces.has(account.id)) return;
    const sweeping = this.#sweeping.get(account.id) ?? this.#sweepElsewhere(account);
    this.#sweeping.set(account.id, sweeping);
    const mended = await sweeping.finally(() => this.#sweeping.delete(account.id));
    for (const id of mended) this.#deps.onMended?.(id);
  }

  async #sweepElsewhere({ id, home }: HomePlace): Promise<Iterable<number>> {
    this.#elsewhere.set(id, home);
    const mended = await this.#sweep(home, id);
    if (!this.#spaces.has(id)) this.#addSpace(id);
    return mended;
  }

  /** @param of an account whose home is elsewhere; without it, all others. */
  async #sweep(home: string, of?: number): Promise<Iterable<number>> {
    const { leftovers, mended } = await sweepHomes(this.#deps, home, of);
    for (const [accountId, left] of leftovers) this.#addSpace(accountId, left);
    return mended;
  }

  /**
   * The account's files, for one session. Its directory is made if it is missing.
   *
   * @param address of the client.
   */
  async open(account: Account, address = ''): Promise<SessionFiles> {
    const access = this.accessOf(account, address);
    const home = await this.#openTree(account, { access });
    const { folders } = account;
    return folders === undefined
      ? home
      : await openFolders(home, folders, this.#folderDeps(account));
  }

  /** Applies what an administrator has changed of an account. @returns the files of the session from now on. */
  async refresh(files: SessionFiles, account: Account, address: string): Promise<SessionFiles> {
    files.setAccess(this.accessOf(account, address));
    return await refreshedFiles(files, account.folders, this.#folderDeps(account));
  }

  #folderDeps({ id }: Account) {
    const { accounts, onFolderMissing: onMissing } = this.#deps;
    return {
      member: `account ${id}`,
      findOwner: async (owner: number) => accounts?.findById(owner),
      openTree: (owner: TreeOwner, request: TreeRequest) => this.#openTree(owner, request),
      onMissing,
    };
  }

  /** The tree of an account, or a directory of it, for one session. */
  async #openTree(owner: TreeOwner, { scope, ...session }: TreeRequest): Promise<UserFileSystem> {
    const rules = this.#rulesOf(owner);
    if (owner.home !== '') await this.#openHome(owner, rules);
    const opening = this.#opened.get(owner.id) ?? this.#openStorage(owner, rules);
    this.#opened.set(owner.id, opening);
    try {
      const opened = await opening;
      const isScoped = scope !== undefined && opened.kind === 'writable';
      const storage = isScoped ? opened.scopedTo(scope) : opened;
      // From this login on, for all sessions of the account.
      if (storage.kind === 'writable') storage.space.trash.ownKeepMs = owner.keepDeletedMs;
      const requireHome = isElsewhere(owner.home) ? homeGuard(owner.home, scope) : undefined;
      return new UserFileSystem(storage, { now: this.#deps.now, rules, requireHome, ...session });
    } catch (error) {
      this.#opened.delete(owner.id);
      throw error;
    }
  }

  /** @throws LoginRefusedError if the home is elsewhere and not mounted: another directory must not take its place. */
  async #openHome(account: TreeOwner, rules: CreationRules): Promise<void> {
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

  #rulesOf(account: TreeOwner): CreationRules {
    const rules = creationRules(account.creation ?? NO_RULES, this.#deps.creation ?? NO_RULES);
    const { owner } = rules;
    if (owner !== undefined && !mayGiveTo(owner)) this.#deps.onOwnerRefused?.(account, owner);
    return rules;
  }

  async #openStorage(account: TreeOwner, rules: CreationRules): Promise<UserStorage> {
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
    const { recovery, rootDir, memberId } = this.#deps;
    const partials = new PartialUploads({ accountId, repository, known, onError });
    const place = { id: accountId, home: this.#elsewhere.get(accountId) ?? '' };
    const stagingPath = stagingPathOf(rootDir, place);
    const trash = new Trash({
      ...this.#deps.trash,
      accountId,
      directory: trashPathOf(rootDir, place),
      known: items,
      refund: (bytes) => ledger.refund(accountId, bytes),
    });
    const space = new WritableSpace({
      ...{ accountId, ledger, partials, trash, stagingPath, memberId, durability, recovery },
      isElsewhere: isElsewhere(place.home),
      roomMaker: () => this.#roomMaker,
    });
    this.#spaces.set(accountId, space);
    return space;
  }
}

const NONE: Leftovers = { partials: [], items: [] };
