import type { AccountRepository } from '../../db/account-repository.ts';
import type { InviteRepository } from '../../db/invite-repository.ts';
import { retryWhileBusy } from '../../db/retry-while-busy.ts';
import { creationRules, NO_RULES } from '../disk/creation-rules.ts';
import { SignUpRefusedError } from '../errors/errors.ts';
import type { Account } from './accounts.ts';
import type { HomeDirectories } from './home-directories.ts';
import { hashInviteCode } from './invites.ts';
import { originOf } from './login-throttle.ts';
import {
  homeOf,
  inviteRefused,
  LOCK_PATIENCE_MS,
  type NewAccountDefaults,
  newAccount,
  rethrowConflict,
  usernameTaken,
} from './new-account.ts';
import { checkUsername } from './signup-rules.ts';

/** Sign-up: for all clients, for clients with an invite, or off. */
export type SignUpMode = 'open' | 'invite' | 'off';

/** First half of a sign-up; the password follows. */
export interface SignUpRequest {
  readonly username: string;
  readonly invite: string | undefined;
}

/** May change while the server runs. */
interface SignUpRules {
  readonly signup: SignUpMode;
  /** Number of accounts at which sign-up ends; 0 sets no limit. */
  readonly maxAccounts: number;
}

interface SignUpOptions {
  readonly accounts: AccountRepository;
  readonly invites: InviteRepository;
  readonly homes: HomeDirectories;
  readonly rules: SignUpRules;
  readonly defaults: NewAccountDefaults;
}

/** Creates the accounts that clients ask for. */
export class SignUp {
  readonly #accounts: AccountRepository;
  readonly #invites: InviteRepository;
  readonly #homes: HomeDirectories;
  readonly #rules: SignUpRules;
  readonly #defaults: NewAccountDefaults;

  constructor({ accounts, invites, homes, rules, defaults }: SignUpOptions) {
    this.#accounts = accounts;
    this.#invites = invites;
    this.#homes = homes;
    this.#rules = rules;
    this.#defaults = defaults;
  }

  /**
   * Says, before a password is asked for, whether a sign-up could succeed now.
   *
   * @throws SignUpRefusedError if sign-up is off or the invite cannot be used.
   * @throws UsernameNotAllowedError
   * @throws UsernameTakenError
   */
  async check({ username, invite }: SignUpRequest): Promise<void> {
    const inviteCodeHash = this.#inviteCodeHash(invite);
    if (inviteCodeHash !== undefined) {
      const usable = await this.#invites.isUsable(inviteCodeHash, this.#defaults.now());
      if (!usable) throw inviteRefused();
    }
    checkUsername(username);
    if (await this.#accounts.isTaken(username)) throw usernameTaken();
    if (await this.#homes.exists(homeOf(username))) throw usernameTaken();
    const { maxAccounts } = this.#rules;
    if (maxAccounts > 0 && (await this.#accounts.count()) >= maxAccounts) {
      throw new SignUpRefusedError('This server accepts no more accounts.');
    }
  }

  /**
   * Creates an account with the default limits and its home, and uses up the invite: all or nothing.
   *
   * @throws the errors of {@link check}, because another client may have been faster.
   * @throws PasswordNotAllowedError
   */
  async create(
    request: SignUpRequest & { readonly password: string; readonly address?: string },
  ): Promise<Account> {
    await this.check(request);
    const origin = originOf(request.address ?? '');
    const account = await newAccount({ ...request, origin }, this.#defaults);
    const inviteCodeHash = this.#inviteCodeHash(request.invite);
    const { creation } = this.#defaults;
    const rules = creationRules(NO_RULES, creation);
    if ((await this.#homes.create(account.home, rules)) === 'exists') throw usernameTaken();
    const write = () => this.#accounts.signUp({ ...account, inviteCodeHash });
    const id = await retryWhileBusy(write, LOCK_PATIENCE_MS).catch(async (error) => {
      await this.#homes.discard(account.home);
      return rethrowConflict(error);
    });
    return { id, username: account.username, home: account.home, kind: 'user' };
  }

  /** Hash of the code of the invite; undefined if sign-up needs none. @throws SignUpRefusedError */
  #inviteCodeHash(invite: string | undefined): string | undefined {
    if (this.#rules.signup === 'off')
      throw new SignUpRefusedError('Sign-up is off on this server.');
    if (this.#rules.signup === 'open') return undefined;
    if (invite === undefined) throw new SignUpRefusedError('Sign-up requires an invite.');
    return hashInviteCode(invite);
  }
}
