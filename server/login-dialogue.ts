import type { Account } from './accounts/accounts.ts';
import { type Reply, reply } from './control/reply.ts';
import { LoginRefusedError, NotLoggedInError, SequenceError } from './errors.ts';
import type { Session } from './session.ts';

/** So many wrong passwords end the control connection. */
const FAILURES_AT_MOST = 5;

const ANONYMOUS_NAMES = new Set(['anonymous', 'ftp']);

/** Who a client says to be, and how it shows it: USER, PASS, SITE SIGNUP and SITE PASSWD. */
export class LoginDialogue {
  readonly #session: Session;
  #username: string | undefined;
  #failures = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Begins a login; one that was before is over (RFC 959 §4.1.1). */
  user(username: string): Reply {
    this.#requireTls();
    this.reset();
    this.#username = username;
    return this.#isAnonymous(username)
      ? reply(331, 'Anonymous login; send any password.')
      : reply(331, 'Password, please.');
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
    if (this.#session.isLoggedIn) return reply(202, 'You are logged in already.');
    const username = this.#username;
    if (username === undefined) throw new SequenceError('Send USER first.');
    this.#username = undefined;
    const account = this.#isAnonymous(username)
      ? ANONYMOUS
      : await this.#authenticate(username, password);
    if (account === undefined) return this.#refuse(username);
    await this.#orRecord('login', username, () => this.#enter(account));
    this.#record('login', account.username);
    this.#log('login').info({ ...this.#who(account.username), outcome: 'accepted' }, 'login');
    return reply(230, 'Logged in.');
  }

  /** Begins a sign-up: the next PASS carries the password that is to be. */
  async signUp(username: string, invite: string | undefined): Promise<Reply> {
    this.#requireTls();
    this.#session.dropPending();
    const { accounts } = this.#session.services;
    await this.#delay(username);
    await this.#orRecord('signup', username, () =>
      this.#withinRate(() => accounts.checkSignUp({ username, invite })).catch((error) => {
        if (invite !== undefined) this.#recordFailure(username);
        throw error;
      }),
    );
    this.#session.setPending({
      verb: 'PASS',
      answer: async (password) => {
        const account = await this.#orRecord('signup', username, () =>
          this.#withinRate(() => accounts.signUp({ username, invite, password })),
        );
        this.#session.services.signupRate.record(this.#session.peerAddress);
        this.#record('signup', username);
        this.#log('signup').info(this.#who(username), 'account created');
        this.#session.leave();
        await this.#enter(account);
        return reply(230, `Welcome, ${username}: your account is made and you are logged in.`);
      },
    });
    return reply(331, 'Now send PASS with the password that you want.');
  }

  async #withinRate<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#session.services.signupRate.check(this.#session.peerAddress);
    return await work();
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
        return reply(331, 'Now send PASS with the new password.');
      },
    });
    return reply(331, 'Send PASS with your current password.');
  }

  async #replacePassword(
    { id: accountId, username }: Account,
    currentPassword: string,
    newPassword: string,
  ): Promise<Reply> {
    await this.#delay(username);
    try {
      const change = { accountId, currentPassword, newPassword };
      await this.#session.services.accounts.changePassword(change);
    } catch (error) {
      if (error instanceof LoginRefusedError) this.#recordFailure(username);
      throw error;
    }
    this.#log('login').info(this.#who(username), 'password changed');
    return reply(200, 'Your password is changed.');
  }

  async #authenticate(username: string, password: string): Promise<Account | undefined> {
    await this.#delay(username);
    return this.#session.services.accounts.authenticate(username, password);
  }

  async #enter(account: Account): Promise<void> {
    const { services } = this.#session;
    if (services.limits.enter(account.id) === 'account full') {
      throw new LoginRefusedError('This account has as many sessions as it may; close one first.');
    }
    try {
      const files = await services.storages.open(account, this.#session);
      this.#session.enter(account, files);
      services.throttle.recordSuccess(this.#attempt(account.username));
    } catch (error) {
      services.limits.leave(account.id);
      throw error;
    }
  }

  async #refuse(username: string): Promise<Reply> {
    this.#countFailure(username);
    const loggedName = await this.#session.services.accounts.loggedName(username);
    this.#logRefusal(loggedName);
    this.#record('login', loggedName, 'Wrong username or password.');
    if (this.#failures < FAILURES_AT_MOST) {
      throw new LoginRefusedError('Wrong username or password.');
    }
    this.#session.endWhenDone(reply(421, 'Too many wrong passwords, closing.'));
    return reply(530, 'Wrong username or password.');
  }

  #recordFailure(username: string): void {
    this.#countFailure(username);
    this.#logRefusal(username);
  }

  #countFailure(username: string): void {
    this.#failures += 1;
    this.#session.services.throttle.recordFailure(this.#attempt(username));
  }

  #logRefusal(username: string): void {
    this.#log('login').warn({ ...this.#who(username), outcome: 'refused' }, 'login refused');
  }

  /** Whoever guesses has to wait, longer each time. */
  async #delay(username: string): Promise<void> {
    const delayMs = this.#session.services.throttle.delayMs(this.#attempt(username));
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
  }

  #requireTls(): void {
    if (this.#session.secure || this.#session.services.settings.tls !== 'required') return;
    throw new NotLoggedInError('This server requires TLS: send AUTH TLS first.');
  }

  #isAnonymous(username: string): boolean {
    const { anonymousDir } = this.#session.services.settings;
    return anonymousDir !== undefined && ANONYMOUS_NAMES.has(username.toLowerCase());
  }

  #attempt(username: string) {
    return { address: this.#session.peerAddress, username };
  }

  /** Writes a login or sign-up down: as failed, if there is a reason. */
  #record(kind: 'login' | 'signup', username: string, reason?: string): void {
    const { services } = this.#session;
    const { session, peer: address, username: name } = this.#who(username);
    const outcome = reason === undefined ? 'ok' : 'failed';
    const event = { kind, atMs: services.now(), outcome, reason, session, address } as const;
    services.audit.record({ ...event, username: name });
  }

  async #orRecord<Result>(
    kind: 'login' | 'signup',
    username: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#record(kind, username, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  #log(kind: 'login' | 'signup') {
    const { logins, signups } = this.#session.services.logs;
    return kind === 'login' ? logins : signups;
  }

  #who(username: string) {
    const { id: session, peerAddress: peer } = this.#session;
    return { session, peer, username: username.slice(0, 64) };
  }
}

const ANONYMOUS: Account = { id: 0, username: 'anonymous', home: '', kind: 'anonymous' };
