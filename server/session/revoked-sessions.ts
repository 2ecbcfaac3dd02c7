import type { Database } from '../../db/open-database.ts';
import { reply } from '../contract/reply.ts';
import type { AllSessionServices } from './all-session-services.ts';
import type { Session } from './session.ts';

const BANNED = reply(421, 'Your address is banned.');

const LOOK_EVERY_MS = 1000;

interface RevokedSessionsDeps {
  readonly sessions: ReadonlySet<Session>;
  readonly services: Pick<AllSessionServices, 'accounts' | 'bans' | 'logs' | 'now'>;
  readonly database: Pick<Database, 'dataVersion'>;
}

/**
 * Ends the sessions of accounts that have expired, or that an administrator has disabled or removed, and those of banned
 * addresses. What else has changed of an account is applied to its sessions.
 */
export class RevokedSessions {
  readonly #deps: RevokedSessionsDeps;
  readonly #timer: NodeJS.Timeout;
  #seenVersion: number;

  constructor(deps: RevokedSessionsDeps) {
    this.#deps = deps;
    this.#seenVersion = deps.database.dataVersion();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { database, services, sessions } = this.#deps;
    for (const session of sessions) this.#endIfExpired(session);
    const version = database.dataVersion();
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    this.checkAll().catch((err: unknown) => {
      services.logs.server.error({ err }, 'accounts and bans could not be checked');
    });
  }

  /** Applies what the database says now. */
  async checkAll(): Promise<void> {
    const { sessions, services } = this.#deps;
    await services.bans.load();
    await Promise.all([...sessions].map((session) => this.#check(session)));
  }

  async #check(session: Session): Promise<void> {
    const { account, peerAddress } = session;
    if (this.#deps.services.bans.isBanned(peerAddress)) session.end(BANNED);
    // Anonymous users without an account have no home.
    if (account === undefined || account.home === '') return;
    const current = await this.#deps.services.accounts.current(account);
    if (session.account !== account) return;
    if (current === undefined) session.end(reply(421, 'Your account has been disabled.'));
    else session.refresh(current);
    this.#endIfExpired(session);
  }

  #endIfExpired(session: Session): void {
    const { expiresAtMs } = session.account ?? {};
    if (expiresAtMs === undefined || this.#deps.services.now() < expiresAtMs) return;
    session.end(reply(421, 'Your account has expired.'));
  }
}
