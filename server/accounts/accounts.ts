import {
  type AccountRecord,
  type AccountRepository,
  type CutUploads,
  InviteNotUsableError,
  UsernameConflictError,
} from '../../db/account-repository.ts';
import { DatabaseBusyError, isOutOfRoom } from '../../db/database-error.ts';
import type { InviteRepository } from '../../db/invite-repository.ts';
import type { QuotaRepository } from '../../db/quota-repository.ts';
import { retryWhileBusy } from '../../db/retry-while-busy.ts';
import { LoginRefusedError, SignUpRefusedError, UsernameTakenError } from '../errors/errors.ts';
import { entryLimitOf } from '../quota/unlimited.ts';
import type { GuessGuard } from './guess-guard.ts';
import type { HomeDirectories } from './home-directories.ts';
import { hashInviteCode } from './invites.ts';
import { originOf } from './login-throttle.ts';
import type { PasswordCheck, PasswordHash } from './password-hash.ts';
import { checkPassword, checkUsername, isPossibleUsername } from './signup-rules.ts';

/** Time that a client waits for its account to be written while another process has the database locked. */
const LOCK_PATIENCE_MS = 5000;

/** An account that is logged in. */
export interface Account {
  readonly id: number;
  readonly username: string;
  /** The name of its directory below the root. */
  readonly home: string;
  readonly kind: 'user' | 'anonymous';
  /** Fate of uploads whose client has left; undefined for the server's default. */
  readonly cutUploads?: CutUploads | undefined;
}

/** An account as the administrator sees it. */
export type AccountDetails = Omit<AccountRecord, 'passwordHash'>;

/** Sign-up: for all clients, for clients with an invite, or off. */
export type SignUpMode = 'open' | 'invite' | 'off';

/** First half of a sign-up; the password follows. */
export interface SignUpRequest {
  readonly username: string;
  readonly invite: string | undefined;
}

interface Dependencies {
  readonly accounts: AccountRepository;
  readonly quotas: QuotaRepository;
  readonly invites: InviteRepository;
  readonly passwords: PasswordHash;
  readonly guard: GuessGuard;
  readonly homes: HomeDirectories;
  readonly now: () => number;
  readonly signup: SignUpMode;
  /** Number of accounts at which sign-up ends; 0 sets no limit. */
  readonly maxAccounts: number;
  /** The quota of new accounts. */
  readonly quotaBytes: number;
  /** Files, directories and links that new accounts may have; 0 sets no limit. */
  readonly maxFiles: number;
}

/** Something that is not an account's has the name of its home. */
export class HomeExistsError extends Error {}

/** Stands in logs for unknown usernames. No account can have this name. */
const UNKNOWN_NAME = '[unknown]';
const PAGE_ACCOUNTS = 1000;

/** No account has the name that an administrator gave. */
export class UnknownAccountError extends Error {}

/** Accounts: logging in, signing up, and what the administrator does with them. */
export class Accounts {
  readonly #accounts: AccountRepository;
  readonly #quotas: QuotaRepository;
  readonly #invites: InviteRepository;
  readonly #passwords: PasswordHash;
  readonly #guard: GuessGuard;
  readonly #homes: HomeDirectories;
  readonly #now: () => number;
  readonly #signup: SignUpMode;
  readonly #maxAccounts: number;
  readonly #quotaBytes: number;
  readonly #maxFiles: number;

  constructor(deps: Dependencies) {
    this.#accounts = deps.accounts;
    this.#quotas = deps.quotas;
    this.#invites = deps.invites;
    this.#passwords = deps.passwords;
    this.#guard = deps.guard;
    this.#homes = deps.homes;
    this.#now = deps.now;
    this.#signup = deps.signup;
    this.#maxAccounts = deps.maxAccounts;
    this.#quotaBytes = deps.quotaBytes;
    this.#maxFiles = deps.maxFiles;
  }

  /**
   * Checks a username and password. The work is the same whether the name is unknown, the account disabled or the
   * password wrong. Attempts that may be guesses wait for each other and for their delay; a login that has recently
   * succeeded from the same origin does not.
   *
   * @param address of the client.
   * @returns undefined if the login is refused.
   * @throws LoginRefusedError if too many logins are being checked.
   */
  async authenticate(
    username: string,
    password: string,
    address: string,
  ): Promise<Account | undefined> {
    const record = isPossibleUsername(username)
      ? await this.#accounts.findByUsername(username)
      : undefined;
    const storedHash = record?.enabled === true ? record.passwordHash : undefined;
    const check = { username, storedHash, password, origin: originOf(address) };
    const matches = await this.#verify(check, address);
    if (record === undefined || storedHash === undefined || !matches) return undefined;
    const login = { id: record.id, passwordHash: storedHash, nowMs: this.#now() };
    return (await this.#isRecorded(login)) ? toAccount(record) : undefined;
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
   * Says, before a password is asked for, whether a sign-up could succeed now.
   *
   * @throws SignUpRefusedError if sign-up is off or the invite cannot be used.
   * @throws UsernameNotAllowedError
   * @throws UsernameTakenError
   */
  async checkSignUp({ username, invite }: SignUpRequest): Promise<void> {
    const inviteCodeHash = this.#inviteCodeHash(invite);
    if (inviteCodeHash !== undefined) {
      const usable = await this.#invites.isUsable(inviteCodeHash, this.#now());
      if (!usable) throw inviteRefused();
    }
    checkUsername(username);
    if (await this.#accounts.isTaken(username)) throw usernameTaken();
    if (await this.#homes.exists(homeOf(username))) throw usernameTaken();
    if (this.#maxAccounts > 0 && (await this.#accounts.count()) >= this.#maxAccounts) {
      throw new SignUpRefusedError('This server accepts no more accounts.');
    }
  }

  /**
   * Creates an account with the default limits and its home, and uses up the invite: all or nothing.
   *
   * @throws the errors of {@link checkSignUp}, because another client may have been faster.
   * @throws PasswordNotAllowedError
   */
  async signUp(
    request: SignUpRequest & { readonly password: string; readonly address?: string },
  ): Promise<Account> {
    await this.checkSignUp(request);
    const origin = originOf(request.address ?? '');
    const account = await this.#newAccount({ ...request, origin, quotaBytes: this.#quotaBytes });
    const inviteCodeHash = this.#inviteCodeHash(request.invite);
    if ((await this.#homes.create(account.home)) === 'exists') throw usernameTaken();
    const create = () => this.#accounts.signUp({ ...account, inviteCodeHash });
    const id = await retryWhileBusy(create, LOCK_PATIENCE_MS).catch(async (error) => {
      await this.#homes.discard(account.home);
      return rethrow(error);
    });
    return { id, username: account.username, home: account.home, kind: 'user' };
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

  /** Whether a session of the account may continue: the account exists and is enabled. */
  async isStillValid(accountId: number): Promise<boolean> {
    return (await this.#accounts.findById(accountId))?.enabled === true;
  }

  /**
   * Creates an account on the administrator's behalf.
   *
   * @param account without `quotaBytes`, the default quota. With `adoptsHome`, a directory that has the name of its
   *   home becomes its home; otherwise that is an error.
   * @throws HomeExistsError
   * @throws UsernameNotAllowedError
   * @throws UsernameTakenError
   * @throws PasswordNotAllowedError
   */
  async add(account: {
    readonly username: string;
    readonly password: string;
    readonly quotaBytes?: number | undefined;
    readonly cutUploads?: CutUploads | undefined;
    readonly adoptsHome?: boolean;
  }): Promise<AccountDetails> {
    await this.checkAdd(account);
    const quotaBytes = account.quotaBytes ?? this.#quotaBytes;
    const wish = await this.#newAccount({ ...account, quotaBytes });
    await this.#homes.ensure(wish.home);
    await this.#accounts.create(wish).catch(rethrow);
    return await this.show(account.username);
  }

  /** Says, before a password is asked for, whether {@link add} could succeed now. @throws what it throws. */
  async checkAdd(account: {
    readonly username: string;
    readonly adoptsHome?: boolean;
  }): Promise<void> {
    checkUsername(account.username);
    if ((await this.#accounts.findByUsername(account.username)) !== undefined) {
      throw usernameTaken();
    }
    const home = homeOf(account.username);
    if (account.adoptsHome !== true && (await this.#homes.exists(home))) {
      throw new HomeExistsError(`The home directory ${this.#homes.pathOf(home)} already exists.`);
    }
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
   * @throws UnknownAccountError
   * @throws PasswordNotAllowedError
   */
  async setPassword(change: {
    readonly username: string;
    readonly password: string;
  }): Promise<void> {
    const { id } = await this.#find(change.username);
    checkPassword(change.password);
    await this.#accounts.setPasswordHash(id, await this.#passwords.hash(change.password));
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
    await this.#accounts.remove(record.id, this.#now());
    return toDetails(record);
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

  async #find(username: string): Promise<AccountRecord> {
    const record = await this.#accounts.findByUsername(username);
    if (record === undefined) throw new UnknownAccountError(`No such account: "${username}".`);
    return record;
  }

  async #newAccount(wish: {
    readonly username: string;
    readonly password: string;
    readonly quotaBytes: number;
    readonly cutUploads?: CutUploads | undefined;
    readonly origin?: string;
  }) {
    checkPassword(wish.password);
    return {
      username: wish.username,
      home: homeOf(wish.username),
      passwordHash: await this.#passwords.hash(wish.password, wish.origin),
      createdAtMs: this.#now(),
      limitBytes: wish.quotaBytes,
      cutUploads: wish.cutUploads,
      limitEntries: entryLimitOf(this.#maxFiles),
    };
  }

  /** Reason to refuse a sign-up; `undefined` if sign-up is open. */
  #inviteCodeHash(invite: string | undefined): string | undefined {
    if (this.#signup === 'off') throw new SignUpRefusedError('Sign-up is off on this server.');
    if (this.#signup === 'open') return undefined;
    if (invite === undefined) throw new SignUpRefusedError('Sign-up requires an invite.');
    return hashInviteCode(invite);
  }
}

function homeOf(username: string): string {
  return username.toLowerCase();
}

function toAccount({ id, username, home, cutUploads }: AccountRecord): Account {
  return { id, username, home, kind: 'user', cutUploads };
}

function toDetails({ passwordHash: _, ...details }: AccountRecord): AccountDetails {
  return details;
}

function usernameTaken(): UsernameTakenError {
  return new UsernameTakenError('This username is taken.');
}

function inviteRefused(): SignUpRefusedError {
  return new SignUpRefusedError('Invalid or expired invite.');
}

function passwordRefused(): LoginRefusedError {
  return new LoginRefusedError('The current password is wrong.');
}

/** Conflicts that only the database can see become errors for the client. */
function rethrow(error: unknown): never {
  if (error instanceof UsernameConflictError) throw usernameTaken();
  if (error instanceof InviteNotUsableError) throw inviteRefused();
  throw error;
}
