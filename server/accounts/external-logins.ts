import type { Logger } from 'pino';
import type { AccountRecord } from '../../db/account-row.ts';
import { AccountExpiredError, PasswordCheckFailedError } from '../errors/errors.ts';
import { isAllowedFrom } from './allowed-networks.ts';
import { CheckFailure } from './check-failure.ts';
import type { ConfirmedAccount, ExternalAccounts } from './external-accounts.ts';
import type { ExternalSettings } from './external-settings.ts';
import type { GuessGuard } from './guess-guard.ts';
import type { LoginOffence } from './login-offence.ts';
import { originOf } from './login-throttle.ts';
import type { RememberedPasswords } from './remembered-passwords.ts';
import { isPossibleUsername } from './signup-rules.ts';

/** A login whose password another system keeps. */
export interface ExternalLogin {
  /** In lower case: to that system, names that differ in case may be different people. */
  readonly username: string;
  readonly password: string;
  /** Address of the client. */
  readonly address: string;
}

/** The system that keeps passwords. */
export interface PasswordAuthority {
  /** Whether there is one; may change. */
  readonly isSet: boolean;
  /**
   * @returns the settings of the account; undefined if the password is wrong.
   * @throws CheckFailure if there is no answer that can be used.
   * @throws LoginRefusedError if too many logins wait.
   */
  ask(login: ExternalLogin): Promise<ExternalSettings | undefined>;
}

interface ExternalLoginsDeps {
  readonly authority: PasswordAuthority;
  readonly accounts: ExternalAccounts;
  readonly guard: GuessGuard;
  readonly remembered: RememberedPasswords;
  readonly now: () => number;
  readonly log: Pick<Logger, 'error'>;
}

type Answer = ExternalSettings | 'remembered' | undefined;

/** Logins whose passwords another system keeps. */
export class ExternalLogins {
  readonly #deps: ExternalLoginsDeps;
  readonly #asking = new Map<string, Promise<ExternalSettings | undefined>>();

  constructor(deps: ExternalLoginsDeps) {
    this.#deps = deps;
  }

  /** Whether the other system decides: on accounts without a password of their own, and on unknown names. */
  decidesOn(username: string, record: AccountRecord | undefined): boolean {
    if (!this.#deps.authority.isSet) return false;
    return record === undefined ? isPossibleUsername(username) : record.isExternal;
  }

  /**
   * Checks a password, with the same delays as for those that are checked here. Disabled accounts are checked as well:
   * the time must not tell them apart.
   *
   * @param record the account of the name.
   * @returns the account with the settings that came with the login, or why it is refused.
   * @throws PasswordCheckFailedError if it is not known whether the password is right.
   * @throws LoginRefusedError if too many logins wait.
   */
  async prove(
    { username, password, address }: ExternalLogin,
    record: AccountRecord | undefined,
  ): Promise<ConfirmedAccount | LoginOffence> {
    const login = { username: username.toLowerCase(), password, address };
    const isAllowed = record === undefined || isAllowedFrom(record, address);
    const mayLogIn = isAllowed && record?.enabled !== false;
    try {
      const answer = await this.#guarded(login, { record, mayLogIn });
      if (!isAllowed) return 'network not allowed';
      if (answer === undefined || !mayLogIn) return 'wrong password';
      if (answer === 'remembered' && record !== undefined) return record;
      const settings = answer === 'remembered' ? {} : answer;
      const refusal = record === undefined ? this.#refusalOf(login, settings) : undefined;
      return refusal ?? (await this.#confirm(login, settings));
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      this.#report(error.message, login, record);
      throw new PasswordCheckFailedError('Passwords cannot be checked now; try again later.');
    }
  }

  async #guarded(
    login: ExternalLogin,
    {
      record,
      mayLogIn,
    }: { readonly record: AccountRecord | undefined; readonly mayLogIn: boolean },
  ): Promise<Answer> {
    const { guard, remembered } = this.#deps;
    const digest = this.#digestOf(login, record);
    const origin = originOf(login.address);
    const ask = async () => (remembered.has(digest) ? 'remembered' : this.#askOnce(digest, login));
    if (remembered.familiarity(digest, origin) === 'unknown')
      return await guard.run<Answer>(login, ask, (answer) => answer !== undefined && mayLogIn);
    const answer = await ask();
    if (answer === undefined) remembered.forget(digest, origin);
    return answer;
  }

  /** Clients open several connections at once, with the same password. */
  async #askOnce(digest: string, login: ExternalLogin): Promise<ExternalSettings | undefined> {
    // LDAP takes a bind without a password for an anonymous one, which succeeds.
    if (login.password === '') return undefined;
    const asking = this.#asking.get(digest) ?? this.#deps.authority.ask(login);
    this.#asking.set(digest, asking);
    try {
      return await asking;
    } finally {
      this.#asking.delete(digest);
    }
  }

  /** An answer that forbids the login that it was asked about creates no account. @throws AccountExpiredError */
  #refusalOf({ address }: ExternalLogin, settings: ExternalSettings): LoginOffence | undefined {
    if (!isAllowedFrom({ networks: settings.networks ?? undefined }, address))
      return 'network not allowed';
    if (this.#deps.now() < (settings.expiresAtMs ?? Infinity)) return undefined;
    throw new AccountExpiredError('This account has expired.');
  }

  async #confirm(
    login: ExternalLogin,
    settings: ExternalSettings,
  ): Promise<ConfirmedAccount | LoginOffence> {
    const { accounts, remembered } = this.#deps;
    const account = await accounts.confirmed(login.username, settings);
    if (account === undefined) return 'wrong password';
    if (!isAllowedFrom(account, login.address)) return 'network not allowed';
    remembered.add(this.#digestOf(login, account), originOf(login.address));
    return account;
  }

  /** The other system may decide by the address. An account that is removed and created again is another one. */
  #digestOf({ username, password, address }: ExternalLogin, record?: AccountRecord): string {
    const account = `${record?.id} ${record?.createdAtMs}`;
    return this.#deps.remembered.digestOf([account, username, password, address]);
  }

  /** A name that no account has may be a password, typed where the name belongs. */
  #report(reason: string, { address: peer }: ExternalLogin, record?: AccountRecord): void {
    const facts = { peer, username: record?.username, reason };
    this.#deps.log.error(facts, 'password check failed; login refused');
  }
}
