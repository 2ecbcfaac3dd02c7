import type { AccessSettings } from '../../db/access-settings.ts';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { AccountRecord, CutUploads } from '../../db/account-row.ts';
import type { QuotaRepository } from '../../db/quota-repository.ts';
import { type CreationSettings, creationRules, NO_RULES } from '../disk/creation-rules.ts';
import { PasswordNotAllowedError } from '../errors/errors.ts';
import { entryLimitOf } from '../quota/unlimited.ts';
import type { ElsewhereHomes } from './elsewhere-homes.ts';
import type { HomeDirectories } from './home-directories.ts';
import {
  homeOf,
  type NewAccountDefaults,
  newAccount,
  passwordHashFor,
  rethrowConflict,
  usernameTaken,
} from './new-account.ts';
import { checkUsername } from './signup-rules.ts';

const PAGE_ACCOUNTS = 1000;

/** An account as the administrator sees it. */
export type AccountDetails = Omit<AccountRecord, 'passwordHash'>;

/** A file or directory that belongs to no account has the name of the home. */
export class HomeExistsError extends Error {}

/** No account has the name that an administrator gave. */
export class UnknownAccountError extends Error {}

interface AccountAdministrationDeps {
  readonly accounts: AccountRepository;
  readonly quotas: QuotaRepository;
  readonly homes: HomeDirectories;
  readonly elsewhere: ElsewhereHomes;
  readonly defaults: NewAccountDefaults;
}

/** What the administrator does with accounts. */
export class AccountAdministration {
  readonly #accounts: AccountRepository;
  readonly #quotas: QuotaRepository;
  readonly #homes: HomeDirectories;
  readonly #elsewhere: ElsewhereHomes;
  readonly #defaults: NewAccountDefaults;

  constructor({ accounts, quotas, homes, elsewhere, defaults }: AccountAdministrationDeps) {
    this.#accounts = accounts;
    this.#quotas = quotas;
    this.#homes = homes;
    this.#elsewhere = elsewhere;
    this.#defaults = defaults;
  }

  /**
   * Creates an account on the administrator's behalf.
   *
   * @param account without `quotaBytes`, the default quota; without `password`, another system keeps it. With `adoptsHome`, a directory that has the name of its
   *   home becomes its home; otherwise that is an error. With `homePath`, the home is outside of the root.
   * @throws HomeExistsError
   * @throws HomeRefusedError
   * @throws UsernameNotAllowedError
   * @throws UsernameTakenError
   * @throws PasswordNotAllowedError
   */
  async add(account: {
    readonly username: string;
    readonly password: string | undefined;
    readonly quotaBytes?: number | undefined;
    readonly cutUploads?: CutUploads | undefined;
    readonly creation?: CreationSettings;
    readonly groupId?: number | undefined;
    readonly mustChangePassword?: boolean | undefined;
    readonly expiresAtMs?: number | undefined;
    readonly access?: AccessSettings | undefined;
    readonly adoptsHome?: boolean;
    readonly homePath?: string | undefined;
  }): Promise<AccountDetails> {
    const homePath = await this.checkAdd(account);
    const row = await newAccount(account, this.#defaults);
    const rules = creationRules(account.creation ?? NO_RULES, this.#defaults.creation);
    if (homePath === undefined) {
      await this.#homes.prepare(row.home, rules);
      await this.#accounts.create(row).catch(rethrowConflict);
    } else {
      const { home, discard } = await this.#elsewhere.create(homePath, rules);
      await this.#accounts.create({ ...row, homeElsewhere: home }).catch(async (error: unknown) => {
        await discard();
        return rethrowConflict(error);
      });
    }
    return await this.show(account.username);
  }

  /**
   * Says, before a password is asked for, whether {@link add} could succeed now.
   *
   * @returns the real path of a home outside of the root.
   * @throws what `add` throws.
   */
  async checkAdd(account: {
    readonly username: string;
    readonly adoptsHome?: boolean;
    readonly homePath?: string | undefined;
  }): Promise<string | undefined> {
    checkUsername(account.username);
    if ((await this.#accounts.findByUsername(account.username)) !== undefined) {
      throw usernameTaken();
    }
    const { homePath: path } = account;
    if (path !== undefined) return await this.#elsewhere.check({ ...account, path });
    const home = homeOf(account.username);
    if (account.adoptsHome !== true && (await this.#homes.exists(home))) {
      throw new HomeExistsError(`The home directory ${this.#homes.pathOf(home)} already exists.`);
    }
    return undefined;
  }

  /** All accounts in the order of their names, some at a time. */
  async *pages(): AsyncGenerator<readonly AccountDetails[]> {
    for await (const page of this.#accounts.pages(PAGE_ACCOUNTS)) yield page.map(toDetails);
  }

  /** @throws UnknownAccountError */
  async show(username: string): Promise<AccountDetails> {
    return toDetails(await this.#find(username));
  }

  /**
   * @param change without `password`, another system keeps it.
   * @throws UnknownAccountError
   * @throws PasswordNotAllowedError
   */
  async setPassword(change: {
    readonly username: string;
    readonly password: string | undefined;
    readonly mustChange: boolean;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    const { password, mustChange } = change;
    const passwordHash = await passwordHashFor(password, this.#defaults.passwords);
    await this.#accounts.setPasswordHash({ id, passwordHash, mustChange });
  }

  /**
   * The account can do nothing else before it changes its password.
   *
   * @throws UnknownAccountError
   * @throws PasswordNotAllowedError if another system keeps its password.
   */
  async setMustChange(change: {
    readonly username: string;
    readonly mustChange: boolean;
  }): Promise<void> {
    const { id, isExternal, username } = await this.#find(change.username);
    if (isExternal && change.mustChange)
      throw new PasswordNotAllowedError(`Another system keeps the password of ${username}.`);
    await this.#accounts.setMustChangePassword(id, change.mustChange);
  }

  /**
   * @param change without `expiresAtMs`, the account does not expire.
   * @throws UnknownAccountError
   */
  async setExpiry(change: {
    readonly username: string;
    readonly expiresAtMs: number | undefined;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#accounts.setExpiry(id, change.expiresAtMs);
  }

  /** @throws UnknownAccountError */
  async setQuota(change: {
    readonly username: string;
    readonly quotaBytes: number;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#quotas.setLimit(id, change.quotaBytes);
  }

  /**
   * Applies to sessions that log in afterwards.
   *
   * @param change without `cutUploads`, the setting of the server applies.
   * @throws UnknownAccountError
   */
  async setCutUploads(change: {
    readonly username: string;
    readonly cutUploads: CutUploads | undefined;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#accounts.setCutUploads(id, change.cutUploads);
  }

  /**
   * Applies from the next login on.
   *
   * @param change without `keepMs`, the setting of the server applies; 0 keeps nothing.
   * @throws UnknownAccountError
   */
  async setKeepDeleted(change: {
    readonly username: string;
    readonly keepMs: number | undefined;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#accounts.setKeepDeleted(id, change.keepMs);
  }

  /**
   * Applies to sessions that log in afterwards.
   *
   * @param change replaces what is set for the account: what is undefined follows the server.
   * @throws UnknownAccountError
   */
  async setCreation(change: {
    readonly username: string;
    readonly creation: CreationSettings;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#accounts.setCreation(id, change.creation);
  }

  /**
   * Applies to transfers that run as well.
   *
   * @param change bytes per second; 0 for no limit, null for the default of the server; undefined leaves it.
   * @throws UnknownAccountError
   */
  async setRates({
    username,
    up,
    down,
  }: {
    readonly username: string;
    readonly up: number | null | undefined;
    readonly down: number | null | undefined;
  }): Promise<void> {
    const { id } = await this.#find(username);
    await this.#accounts.setRates(id, {
      ...(up !== undefined && { up }),
      ...(down !== undefined && { down }),
    });
  }

  /**
   * Sessions from elsewhere are ended.
   *
   * @param change `networks` as `parseNetwork` returns them; an empty list allows all.
   * @throws UnknownAccountError
   */
  async setNetworks(change: {
    readonly username: string;
    readonly networks: readonly string[];
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    const { networks } = change;
    await this.#accounts.setNetworks(id, networks.length === 0 ? undefined : networks);
  }

  /**
   * @param change `maxFiles` 0 sets no limit.
   * @throws UnknownAccountError
   */
  async setMaxFiles(change: {
    readonly username: string;
    readonly maxFiles: number;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#quotas.setEntryLimit(id, entryLimitOf(change.maxFiles));
  }

  /**
   * Applies to running sessions, too.
   *
   * @param change the account's own rights and limits, in place of those before; its group has more.
   * @throws UnknownAccountError
   */
  async setAccess(change: {
    readonly username: string;
    readonly access: AccessSettings;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#accounts.setAccess(id, change.access);
  }

  /**
   * @param change without `groupId`, the account is in no group.
   * @throws UnknownAccountError
   */
  async setGroup(change: {
    readonly username: string;
    readonly groupId: number | undefined;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    await this.#accounts.setGroup(id, change.groupId);
  }

  /** @throws UnknownAccountError */
  async enable(username: string): Promise<void> {
    await this.#accounts.enable((await this.#find(username)).id);
  }

  /** @throws UnknownAccountError */
  async disable(username: string): Promise<void> {
    await this.#accounts.disable((await this.#find(username)).id);
  }

  /**
   * Removes an account and keeps its files. Sign-up refuses the name afterwards, because the files would belong to the
   * new account; only {@link add} can reuse it.
   *
   * @returns the removed account.
   * @throws UnknownAccountError
   */
  async remove(username: string): Promise<AccountDetails> {
    const record = await this.#find(username);
    await this.#accounts.remove(record.id, this.#defaults.now());
    return toDetails(record);
  }

  async #find(username: string): Promise<AccountRecord> {
    const record = await this.#accounts.findByUsername(username);
    if (record === undefined) throw new UnknownAccountError(`No such account: "${username}".`);
    return record;
  }
}

function toDetails({ passwordHash: _, ...details }: AccountRecord): AccountDetails {
  return details;
}
