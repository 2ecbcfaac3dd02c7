import { type AccessSettings, mergedAccess } from '../../db/access-settings.ts';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { AccountRecord, CutUploads } from '../../db/account-row.ts';
import { DatabaseBusyError, isOutOfRoom } from '../../db/database-error.ts';
import type { FolderMount } from '../../db/folder-mount.ts';
import { retryWhileBusy } from '../../db/retry-while-busy.ts';
import type { CreationSettings } from '../disk/creation-rules.ts';
import {
  AccountExpiredError,
  LoginRefusedError,
  PasswordNotAllowedError,
} from '../errors/errors.ts';
import { isAllowedFrom } from './allowed-networks.ts';
import type { ConfirmedAccount } from './external-accounts.ts';
import type { ExternalLogin, ExternalLogins } from './external-logins.ts';
import type { GuessGuard } from './guess-guard.ts';
import type { LoginOffence } from './login-offence.ts';
import { originOf } from './login-throttle.ts';
import { LOCK_PATIENCE_MS } from './new-account.ts';
import { isForeignHash, type PasswordCheck, type PasswordHash } from './password-hash.ts';
import { checkPassword, isPossibleUsername } from './signup-rules.ts';

/** An account that is logged in. */
export interface Account {
  readonly id: number;
  readonly username: string;
  /** The name of its directory below the root, or an absolute path. */
  readonly home: string;
  /** In the marker of a home that is an absolute path. */
  readonly homeId?: string | undefined;
  readonly kind: 'user' | 'anonymous';
  /** Fate of uploads whose client has left; undefined for the server's default. */
  readonly cutUploads?: CutUploads | undefined;
  /** Time for which what it deletes is kept, 0 for none; undefined for the server's default. */
  readonly keepDeletedMs?: number | undefined;
  /** Modes and owner of what it creates; undefined for the server's. */
  readonly creation?: CreationSettings | undefined;
  /** Its rights and limits, with those of its group; undefined if none are set. */
  readonly access?: AccessSettings | undefined;
  /** When it expires; undefined: never. */
  readonly expiresAtMs?: number | undefined;
  /** Until then it may do nothing else. */
  readonly mustChangePassword?: boolean;
  /** Whether another system keeps its password. */
  readonly isExternal?: boolean;
  /** Whether the password check has created it with this login. */
  readonly isNew?: boolean | undefined;
  readonly rates?: AccountRates;
  /** Shared folders in its tree; undefined if there are none. */
  readonly folders?: readonly FolderMount[] | undefined;
}

/** Rates of an account in bytes per second: 0 sets no limit, undefined leaves it to the settings. */
export interface AccountRates {
  readonly up: number | undefined;
  readonly down: number | undefined;
}

type AccountReview =
  | { readonly revocation: 'disabled' | 'network not allowed'; readonly account?: undefined }
  | { readonly revocation?: undefined; readonly account: Account };

interface AccountsDeps {
  readonly accounts: AccountRepository;
  readonly passwords: PasswordHash;
  readonly guard: GuessGuard;
  /** Logins that another system decides on; undefined for none. */
  readonly external?: ExternalLogins;
  readonly now: () => number;
}

/** Rights of anonymous users, unless an administrator has given them others. */
export const READ_ONLY: AccessSettings = { rights: { '/': 'read-only' } };

/** Name of anonymous users in logs. No account can have it. */
export const ANONYMOUS_NAME = 'anonymous';

/** Stands in logs for unknown usernames. No account can have this name. */
const UNKNOWN_NAME = '[unknown]';

/** Accounts as sessions use them: logging in, and changing the own password. */
export class Accounts {
  readonly #accounts: AccountRepository;
  readonly #passwords: PasswordHash;
  readonly #guard: GuessGuard;
  readonly #external: ExternalLogins | undefined;
  readonly #now: () => number;

  constructor({ accounts, passwords, guard, external, now }: AccountsDeps) {
    this.#accounts = accounts;
    this.#passwords = passwords;
    this.#guard = guard;
    this.#external = external;
    this.#now = now;
  }

  /**
   * Checks a username and password. The work is the same whether the name is unknown, the account disabled, the address
   * not allowed or the password wrong. Attempts that may be guesses wait for each other and for their delay; a login that has recently
   * succeeded from the same origin does not.
   *
   * @param address of the client.
   * @returns the account, or why the login is refused.
   * @throws LoginRefusedError if too many logins are being checked.
   * @throws AccountExpiredError if the password is right.
   * @throws PasswordCheckFailedError if another system keeps the password and cannot check it.
   */
  async authenticate(
    username: string,
    password: string,
    address: string,
  ): Promise<Account | LoginOffence> {
    const record = isPossibleUsername(username)
      ? await this.#accounts.findByUsername(username)
      : undefined;
    const login = { username, password, address };
    const verdict =
      this.#external?.decidesOn(username, record) === true
        ? await this.#external.prove(login, record)
        : await this.#prove(login, record);
    if (typeof verdict === 'string') return verdict;
    if (this.#isExpired(verdict)) throw new AccountExpiredError('This account has expired.');
    const { id, passwordHash, isExternal, isNew } = verdict;
    if (!(await this.#isRecorded({ id, passwordHash, nowMs: this.#now() })))
      return 'wrong password';
    if (!isExternal && isForeignHash(passwordHash)) await this.#renewHash(verdict, login);
    return { ...toAccount(verdict), isNew };
  }

  /** Checks the password of an account that has one of its own. */
  async #prove(
    { username, password, address }: ExternalLogin,
    record: AccountRecord | undefined,
  ): Promise<ConfirmedAccount | LoginOffence> {
    const isAllowed = record === undefined || isAllowedFrom(record, address);
    const hasPassword = record?.enabled === true && isAllowed && !record.isExternal;
    const storedHash = hasPassword ? record.passwordHash : undefined;
    const check = { username, storedHash, password, origin: originOf(address) };
    const matches = await this.#verify(check, address);
    if (record === undefined) return 'unknown name';
    if (!isAllowed) return 'network not allowed';
    return hasPassword && matches ? record : 'wrong password';
  }

  /** Puts a hash of our own in the place of an imported one. If that fails, the next login tries again. */
  async #renewHash(
    { id, passwordHash: fromHash }: AccountRecord,
    { password, address }: ExternalLogin,
  ): Promise<void> {
    try {
      const toHash = await this.#passwords.hash(password, originOf(address));
      await this.#accounts.replacePasswordHash({ id, fromHash, toHash });
    } catch {
      // The login itself is good.
    }
  }

  #verify(check: PasswordCheck, address: string): Promise<boolean> {
    const verify = () => this.#passwords.verify(check);
    if (this.#passwords.familiarity(check) !== 'unknown') return verify();
    return this.#guard.run({ address, username: check.username }, verify, Boolean);
  }

  /**
   * A username as logs may show it: a name that no account has may be a password, typed where the name belongs.
   */
  async loggedName(username: string): Promise<string> {
    const record = isPossibleUsername(username)
      ? await this.#accounts.findByUsername(username)
      : undefined;
    return record?.username ?? UNKNOWN_NAME;
  }

  /**
   * Changes the password of a logged-in account, which then has no further need to do so.
   *
   * @throws LoginRefusedError if the current password is wrong.
   * @throws PasswordNotAllowedError
   */
  async changePassword(change: {
    readonly accountId: number;
    readonly currentPassword: string;
    readonly newPassword: string;
    /** Address of the client. */
    readonly address: string;
  }): Promise<void> {
    checkPassword(change.newPassword);
    const record = await this.#accounts.findById(change.accountId);
    const fromHash = record?.enabled === true ? record.passwordHash : undefined;
    const origin = originOf(change.address);
    const check = {
      username: record?.username ?? '',
      storedHash: fromHash,
      password: change.currentPassword,
      origin,
    };
    const matches = await this.#verify(check, change.address);
    if (fromHash === undefined || !matches) throw passwordRefused();
    if (record?.mustChangePassword === true) requireDifferent(change);
    const toHash = await this.#passwords.hash(change.newPassword, origin);
    const replacement = { id: change.accountId, fromHash, toHash, mustChange: false };
    const replace = () => this.#accounts.replacePasswordHash(replacement);
    if (!(await retryWhileBusy(replace, LOCK_PATIENCE_MS))) throw passwordRefused();
  }

  /** An account, without a login. */
  async find(username: string): Promise<Account | undefined> {
    const record = await this.#accounts.findByUsername(username);
    return record && toAccount(record);
  }

  /** Whether a session of the account may continue, and the account as it is now: an administrator may have changed it. */
  async review(
    { id, kind }: Pick<Account, 'id' | 'kind'>,
    address: string,
  ): Promise<AccountReview> {
    const record = await this.#accounts.findById(id);
    if (record?.enabled !== true) return { revocation: 'disabled' };
    if (!isAllowedFrom(record, address)) return { revocation: 'network not allowed' };
    return { account: kind === 'user' ? toAccount(record) : toAnonymous(record) };
  }

  /** The account that anonymous users share. @returns undefined if there is none that can be used. */
  async anonymous(username: string): Promise<Account | undefined> {
    const record = await this.#accounts.findByUsername(username);
    const isUsable = record?.enabled === true && !this.#isExpired(record);
    return isUsable ? toAnonymous(record) : undefined;
  }

  #isExpired({ expiresAtMs = Infinity }: AccountRecord): boolean {
    return this.#now() >= expiresAtMs;
  }

  /**
   * A full disk must not keep people out: they may have come to make room. Neither must another process that has
   * the database locked: reading needs no lock.
   */
  async #isRecorded(login: Parameters<AccountRepository['recordLogin']>[0]): Promise<boolean> {
    try {
      return await this.#accounts.recordLogin(login);
    } catch (error) {
      if (isOutOfRoom(error)) return true;
      if (!(error instanceof DatabaseBusyError)) throw error;
      const record = await this.#accounts.findById(login.id);
      return record?.enabled === true && record.passwordHash === login.passwordHash;
    }
  }
}

function toAccount(record: AccountRecord): Account {
  const { id, username, home, homeId, cutUploads, keepDeletedMs, creation } = record;
  const { expiresAtMs, isExternal, folders, rateUp: up, rateDown: down } = record;
  const mustChangePassword = record.mustChangePassword && !isExternal;
  const isSet = Object.keys(record.access).length > 0;
  const access = isSet ? record.access : undefined;
  const given = {
    cutUploads,
    keepDeletedMs,
    creation,
    access,
    expiresAtMs,
    mustChangePassword,
    isExternal,
    folders,
  };
  return { id, username, home, homeId, kind: 'user', rates: { up, down }, ...given };
}

/** Where nothing else is said, anonymous users can only read. */
function toAnonymous(record: AccountRecord): Account {
  const access = mergedAccess(READ_ONLY, record.access);
  const account = { ...toAccount(record), username: ANONYMOUS_NAME, access };
  return { ...account, kind: 'anonymous', mustChangePassword: false };
}

/** @throws PasswordNotAllowedError */
function requireDifferent(change: {
  readonly currentPassword: string;
  readonly newPassword: string;
}): void {
  if (change.newPassword !== change.currentPassword) return;
  throw new PasswordNotAllowedError('The new password must differ from the current one.');
}

function passwordRefused(): LoginRefusedError {
  return new LoginRefusedError('The current password is wrong.');
}
