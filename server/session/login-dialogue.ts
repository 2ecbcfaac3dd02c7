import { type Account, ANONYMOUS_NAME, READ_ONLY } from '../accounts/accounts.ts';
import type { LoginOffence } from '../accounts/login-offence.ts';
import type { SignUpRequest } from '../accounts/sign-up.ts';
import { type Reply, reply } from '../contract/reply.ts';
import type { LoginCommands, SessionContext } from '../contract/session-context.ts';
import {
  AccountExpiredError,
  ClientError,
  LoginRefusedError,
  NotLoggedInError,
  PasswordCheckFailedError,
  SequenceError,
} from '../errors/errors.ts';
import type { SessionFiles } from '../files/session-files.ts';
import type { AllSessionServices } from './all-session-services.ts';
import { LoginRecords } from './login-records.ts';

/** Failed logins at which the control connection is closed. */
const MAX_FAILURES = 5;

/** For the audit log; the client hears the first of them in each case. */
const REASONS: Readonly<Record<LoginOffence, string>> = {
  'wrong password': 'Wrong username or password.',
  'unknown name': 'Wrong username or password.',
  'network not allowed': 'The account may not log in from this address.',
};

const ANONYMOUS_NAMES = new Set(['anonymous', 'ftp']);

interface LoginSession extends SessionContext {
  readonly services: AllSessionServices;
  enter(account: Account, files: SessionFiles): void;
  refresh(account: Account): Promise<void>;
  leave(): void;
}

/** USER, PASS, SITE SIGNUP and SITE PASSWD: authentication, sign-up and change of password. */
export class LoginDialogue implements LoginCommands {
  readonly #session: LoginSession;
  readonly #records: LoginRecords;
  #username: string | undefined;
  #failures = 0;

  constructor(session: LoginSession) {
    this.#session = session;
    this.#records = new LoginRecords(session);
  }

  /** Begins a login; one that was before is over (RFC 959 §4.1.1). */
  user(username: string): Reply {
    this.#requireTls();
    this.reset();
    this.#username = username;
    return this.#isAnonymous(username)
      ? reply(331, 'Anonymous login; send any password.')
      : reply(331, 'User name okay, need password.');
  }

  /** Back to the beginning. */
  reset(): void {
    this.#session.leave();
    this.#username = undefined;
  }

  /** Ends what USER, SITE SIGNUP or SITE PASSWD has begun. */
  async pass(password: string): Promise<Reply> {
    const pending = this.#session.takePending('PASS');
    if (pending !== undefined) return pending.answer(password);
    if (this.#session.isLoggedIn) return reply(202, 'Already logged in.');
    const username = this.#username;
    if (username === undefined) throw new SequenceError('Send USER first.');
    this.#username = undefined;
    const account = this.#isAnonymous(username)
      ? await this.#anonymousAccount()
      : await this.#authenticate(username, password);
    if (account === undefined) return this.#refuse(username, 'unknown name');
    if (typeof account === 'string') return this.#refuse(username, account);
    if (account.isNew === true) this.#records.accountCreated(account.username);
    await this.#records.orAudit('login', username, () => this.#enter(account));
    this.#records.loggedIn(account.username);
    if (account.mustChangePassword !== true) return reply(230, 'Login successful.');
    return reply(230, 'Login successful; change your password first: send SITE PASSWD.');
  }

  async #authenticate(username: string, password: string): Promise<Account | LoginOffence> {
    const { services, peerAddress } = this.#session;
    try {
      return await services.accounts.authenticate(username, password, peerAddress);
    } catch (error) {
      if (error instanceof AccountExpiredError) {
        this.#records.refused(username, 'account expired');
        this.#records.audit('login', username, error.message);
      }
      if (error instanceof PasswordCheckFailedError) await this.#endUnchecked(username, error);
      throw error;
    }
  }

  /** Neither right nor wrong: nothing is counted against the client, which is to come back. */
  async #endUnchecked(username: string, { message }: PasswordCheckFailedError): Promise<void> {
    const loggedName = await this.#session.services.accounts.loggedName(username);
    this.#records.unchecked(loggedName);
    this.#records.audit('login', loggedName, message);
    this.#session.endWhenDone();
  }

  /** Begins a sign-up: the next PASS carries the password that is to be. */
  async signUp(username: string, invite: string | undefined): Promise<Reply> {
    this.#requireTls();
    this.#session.dropPending();
    const { signUp } = this.#session.services;
    const request = { username, invite };
    await this.#records.orAudit('signup', username, () =>
      this.#withinRate(() =>
        invite === undefined ? signUp.check(request) : this.#checkInvite(request),
      ),
    );
    this.#session.setPending({
      verb: 'PASS',
      answer: async (password) => {
        const account = await this.#records.orAudit('signup', username, () =>
          this.#withinRate(() =>
            signUp.create({ ...request, password, address: this.#session.peerAddress }),
          ),
        );
        this.#session.services.signupRate.record(this.#session.peerAddress);
        this.#records.accountCreated(username);
        this.#session.leave();
        await this.#enter(account);
        return reply(230, `Account ${username} created; you are logged in.`);
      },
    });
    return reply(331, 'Send PASS with the password for the new account.');
  }

  async #withinRate<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      this.#session.services.signupRate.check(this.#session.peerAddress);
    } catch (error) {
      this.#session.offend('too many sign-ups');
      throw error;
    }
    return await work();
  }

  /** Codes of invites can be guessed like passwords. */
  async #checkInvite(request: SignUpRequest): Promise<void> {
    const { signUp, guard } = this.#session.services;
    const check = () => signUp.check(request).then(ignore, (error: unknown) => error);
    const isRight = (error: unknown) => !(error instanceof ClientError);
    const error = await guard.run(this.#attempt(request.username), check, isRight);
    if (error === undefined) return;
    this.#failures += 1;
    this.#records.refused(request.username, 'wrong invite');
    this.#records.offend('wrong invite', request.username);
    throw error;
  }

  /** Begins a change of password: the next two PASS carry the current and the new one. */
  changePassword(account: Account): Reply {
    this.#session.setPending({
      verb: 'PASS',
      answer: async (currentPassword) => {
        this.#session.setPending({
          verb: 'PASS',
          answer: (newPassword) => this.#replacePassword(account, currentPassword, newPassword),
        });
        return reply(331, 'Send PASS with the new password.');
      },
    });
    return reply(331, 'Send PASS with your current password.');
  }

  async #replacePassword(
    account: Account,
    currentPassword: string,
    newPassword: string,
  ): Promise<Reply> {
    const { id: accountId, username } = account;
    const { peerAddress: address, services } = this.#session;
    try {
      const change = { accountId, currentPassword, newPassword, address };
      await services.accounts.changePassword(change);
    } catch (error) {
      if (error instanceof LoginRefusedError) {
        this.#failures += 1;
        this.#records.refused(username, 'wrong password');
        this.#records.offend('wrong password', username);
      }
      throw error;
    }
    await this.#session.refresh({ ...account, mustChangePassword: false });
    this.#records.passwordChanged(username);
    return reply(200, 'Password changed.');
  }

  async #enter(account: Account): Promise<void> {
    const { services } = this.#session;
    if (services.limits.enter(account.id) === 'account full') {
      throw new LoginRefusedError('Too many connections for this account; close one first.');
    }
    try {
      const files = await services.storages.open(account, this.#session.peerAddress);
      this.#session.enter(account, files);
      services.throttle.recordSuccess(this.#attempt(account.username));
      services.banGuard.forgive(this.#session.peerAddress, account.username);
    } catch (error) {
      services.limits.leave(account.id);
      throw error;
    }
  }

  async #refuse(username: string, why: LoginOffence): Promise<Reply> {
    this.#failures += 1;
    const loggedName = await this.#session.services.accounts.loggedName(username);
    this.#records.refused(loggedName, why);
    this.#records.audit('login', loggedName, REASONS[why]);
    this.#records.offend(why, username);
    if (this.#failures < MAX_FAILURES) {
      throw new LoginRefusedError('Wrong username or password.');
    }
    this.#session.endWhenDone(reply(421, 'Too many failed logins; closing control connection.'));
    return reply(530, 'Wrong username or password.');
  }

  #requireTls(): void {
    const isEncrypted = this.#session.tls !== undefined;
    if (isEncrypted || this.#session.services.settings.tls !== 'required') return;
    throw new NotLoggedInError('This server requires TLS: send AUTH TLS first.');
  }

  #isAnonymous(username: string): boolean {
    const { anonymousDir, anonymousAccount } = this.#session.services.settings;
    const isOffered = anonymousDir !== undefined || anonymousAccount !== undefined;
    return isOffered && ANONYMOUS_NAMES.has(username.toLowerCase());
  }

  async #anonymousAccount(): Promise<Account | undefined> {
    const { settings, accounts } = this.#session.services;
    const { anonymousAccount } = settings;
    return anonymousAccount === undefined ? ANONYMOUS : accounts.anonymous(anonymousAccount);
  }

  #attempt(username: string) {
    return { address: this.#session.peerAddress, username };
  }
}

function ignore(): undefined {}

/** Anonymous users who can read one directory. */
const ANONYMOUS: Account = {
  ...{ id: 0, username: ANONYMOUS_NAME, home: '', kind: 'anonymous' },
  access: READ_ONLY,
};
