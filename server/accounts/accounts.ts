import type { AccountRecord, AccountRepository, CutUploads } from '../../db/account-repository.ts';
import { DatabaseBusyError, isOutOfRoom } from '../../db/database-error.ts';
import { retryWhileBusy } from '../../db/retry-while-busy.ts';
import { LoginRefusedError } from '../errors/errors.ts';
import { NetworkSet } from '../network/network-set.ts';
import type { GuessGuard } from './guess-guard.ts';
import { originOf } from './login-throttle.ts';
import { LOCK_PATIENCE_MS } from './new-account.ts';
import { isForeignHash, type PasswordCheck, type PasswordHash } from './password-hash.ts';
import { checkPassword, isPossibleUsername } from './signup-rules.ts';

/** An account that is logged in. */
export interface Account {
  readonly id: number;
  readonly username: string;
  /** The name of its directory below the root. */
  readonly home: string;
  readonly kind: 'user' | 'anonymous';
  /** Fate of uploads whose client has left; undefined for the server's default. */
  readonly cutUploads?: CutUploads | undefined;
  readonly rates?: AccountRates;
}

/** Rates of an account in bytes per second: 0 sets no limit, undefined leaves it to the settings. */
export interface AccountRates {
  readonly up: number | undefined;
  readonly down: number | undefined;
}

/** Why a login is refused; the client does not learn it. */
export type LoginOffence = 'wrong password' | 'unknown name' | 'network not allowed';

type AccountReview =
  | { readonly revocation: 'disabled' | 'network not allowed'; readonly rates?: undefined }
  | { readonly revocation?: undefined; readonly rates: AccountRates };

interface AccountsDeps {
  readonly accounts: AccountRepository;
  readonly passwords: PasswordHash;
  readonly guard: GuessGuard;
  readonly now: () => number;
}

/** Stands in logs for unknown usernames. No account can have this name. */
const UNKNOWN_NAME = '[unknown]';

/** Accounts as sessions use them: logging in, and changing the own password. */
export class Accounts {
  readonly #accounts: AccountRepository;
  readonly #passwords: PasswordHash;
  readonly #guard: GuessGuard;
  readonly #now: () => number;

  constructor({ accounts, passwords, guard, now }: AccountsDeps) {
    this.#accounts = accounts;
    this.#passwords = passwords;
    this.#guard = guard;
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
   */
  async authenticate(
    username: string,
    password: string,
    address: string,
  ): Promise<Account | LoginOffence> {
    const record = isPossibleUsername(username)
      ? await this.#accounts.findByUsername(username)
      : undefined;
    const isAllowed = record === undefined || isAllowedFrom(record, address);
    const storedHash = record?.enabled === true && isAllowed ? record.passwordHash : undefined;
    const check = { username, storedHash, password, origin: originOf(address) };
    const matches = await this.#verify(check, address);
    if (record === undefined) return 'unknown name';
    if (!isAllowed) return 'network not allowed';
    if (storedHash === undefined || !matches) return 'wrong password';
    const login = { id: record.id, passwordHash: storedHash, nowMs: this.#now() };
    if (!(await this.#isRecorded(login))) return 'wrong password';
    if (isForeignHash(storedHash)) await this.#renewHash(record.id, check);
    return toAccount(record);
  }

  /** Puts a hash of our own in the place of an imported one. If that fails, the next login tries again. */
  async #renewHash(
    id: number,
    { storedHash = '', password, origin }: PasswordCheck,
  ): Promise<void> {
    try {
      const toHash = await this.#passwords.hash(password, origin);
      await this.#accounts.replacePasswordHash({ id, fromHash: storedHash, toHash });
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
   * Changes the password of a logged-in account.
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
    const toHash = await this.#passwords.hash(change.newPassword, origin);
    const replacement = { id: change.accountId, fromHash, toHash };
    const replace = () => this.#accounts.replacePasswordHash(replacement);
    if (!(await retryWhileBusy(replace, LOCK_PATIENCE_MS))) throw passwordRefused();
  }

  /** What an administrator may have changed for a session: whether it may continue, and its rates. */
  async review(accountId: number, address: string): Promise<AccountReview> {
    const record = await this.#accounts.findById(accountId);
    if (record?.enabled !== true) return { revocation: 'disabled' };
    if (!isAllowedFrom(record, address)) return { revocation: 'network not allowed' };
    return { rates: { up: record.rateUp, down: record.rateDown } };
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
  const { id, username, home, cutUploads, rateUp: up, rateDown: down } = record;
  return { id, username, home, kind: 'user', cutUploads, rates: { up, down } };
}

function isAllowedFrom({ networks }: AccountRecord, address: string): boolean {
  return networks === undefined || new NetworkSet(networks).has(address);
}

function passwordRefused(): LoginRefusedError {
  return new LoginRefusedError('The current password is wrong.');
}
