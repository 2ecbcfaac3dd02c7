import type { SessionContext } from '../contract/session-context.ts';
import type { Offence } from '../guards/offences.ts';

/** What has ended, as the audit log and the logs name it. */
type LoginKind = 'login' | 'signup';

/** What the logins and sign-ups of a session leave in the logs, and what hooks and guards learn of them. */
export class LoginRecords {
  readonly #session: Pick<SessionContext, 'id' | 'peerAddress' | 'services'>;

  constructor(session: Pick<SessionContext, 'id' | 'peerAddress' | 'services'>) {
    this.#session = session;
  }

  loggedIn(username: string): void {
    this.audit('login', username);
    this.#logs.logins.info({ ...this.#who(username), outcome: 'accepted' }, 'login');
  }

  refused(username: string, reason: Offence | 'account expired'): void {
    const facts = { ...this.#who(username), outcome: 'refused', reason };
    this.#logs.logins.warn(facts, 'login refused');
  }

  /** The message is another one than that of a refusal, for which fail2ban locks clients out. */
  unchecked(username: string): void {
    const facts = { ...this.#who(username), outcome: 'refused', reason: 'password check failed' };
    this.#logs.logins.warn(facts, 'password not checked');
  }

  passwordChanged(username: string): void {
    this.#logs.logins.info(this.#who(username), 'password changed');
  }

  accountCreated(username: string): void {
    const { id: session, peerAddress: address, services } = this.#session;
    this.audit('signup', username);
    services.hooks.add({ event: 'signup', username, address, session });
    this.#logs.signups.info(this.#who(username), 'account created');
  }

  /** The guard counts a failed login; it has a line in the log already. */
  offend(offence: Offence, username: string): void {
    const { id: session, peerAddress: address, services } = this.#session;
    services.banGuard.loginFailed({ address, session, username }, offence);
  }

  /** Writes a login or sign-up down: as failed, if there is a reason. */
  audit(kind: LoginKind, username: string, reason?: string): void {
    const { services } = this.#session;
    const { session, peer: address, username: name } = this.#who(username);
    const outcome = reason === undefined ? 'ok' : 'failed';
    const event = { kind, atMs: services.now(), outcome, reason, session, address } as const;
    services.audit.record({ ...event, username: name });
  }

  /** Does something, and writes it down if it fails. */
  async orAudit<Result>(
    kind: LoginKind,
    username: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.audit(kind, username, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  get #logs() {
    return this.#session.services.logs;
  }

  #who(username: string) {
    const { id: session, peerAddress: peer } = this.#session;
    return { session, peer, username: username.slice(0, 64) };
  }
}
