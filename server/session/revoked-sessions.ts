import type { Database } from '../../db/open-database.ts';
import { reply } from '../contract/reply.ts';
import type { SessionServices } from '../contract/session-services.ts';
import type { Session } from './session.ts';

const LOOK_EVERY_MS = 1000;

interface RevokedSessionsDeps {
  readonly sessions: ReadonlySet<Session>;
  readonly services: Pick<SessionServices, 'accounts' | 'logs'>;
  readonly database: Pick<Database, 'dataVersion'>;
}

/** Ends the sessions of accounts that an administrator has disabled or removed. */
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
    const { database, sessions, services } = this.#deps;
    const version = database.dataVersion();
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    const checks = [...sessions].map((session) => this.#check(session));
    Promise.all(checks).catch((err: unknown) => {
      services.logs.server.error({ err }, 'accounts could not be checked');
    });
  }

  async #check(session: Session): Promise<void> {
    const { account } = session;
    if (account?.kind !== 'user') return;
    if (await this.#deps.services.accounts.isStillValid(account.id)) return;
    session.end(reply(421, 'Your account has been disabled.'));
  }
}
