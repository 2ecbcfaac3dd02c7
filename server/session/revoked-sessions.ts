import type { Database } from '../../db/open-database.ts';
import { reply } from '../contract/reply.ts';
import type { AllSessionServices } from './all-session-services.ts';
import { refusalReply } from './refusal-reply.ts';
import type { Session } from './session.ts';

const REVOCATIONS = {
  disabled: 'Your account has been disabled.',
  'network not allowed': 'Your account may not be used from your address.',
} as const;

const LOOK_EVERY_MS = 1000;

interface RevokedSessionsDeps {
  readonly sessions: ReadonlySet<Session>;
  readonly services: Pick<
    AllSessionServices,
    'accounts' | 'accountChanges' | 'admission' | 'bans' | 'logs' | 'now' | 'rates'
  >;
  readonly database: Pick<Database, 'dataVersion'>;
}

/**
 * Ends the sessions of accounts that have expired, or that an administrator has disabled, removed or tied to other
 * networks, and those of addresses that are no longer let in. What else has changed of an account is applied to its
 * sessions.
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

  /** Looks at all sessions, as after a change of the settings. */
  recheck(): void {
    this.checkAll().catch((err: unknown) => {
      this.#deps.services.logs.server.error({ err }, 'accounts and bans could not be checked');
    });
  }

  #look(): void {
    const { database, sessions } = this.#deps;
    for (const session of sessions) this.#endIfExpired(session);
    this.#recheckChanged();
    const version = database.dataVersion();
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    this.recheck();
  }

  /** The version of the database does not show what this process has changed by itself. */
  #recheckChanged(): void {
    const { sessions, services } = this.#deps;
    const changed = services.accountChanges.take();
    if (changed.size === 0) return;
    const theirs = [...sessions].filter(({ account }) => changed.has(account?.id ?? -1));
    Promise.all(theirs.map((session) => this.#check(session))).catch((err: unknown) => {
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
    const { accounts, admission, rates } = this.#deps.services;
    const refusal = session.isLoggedIn
      ? admission.refusalByAdmin(peerAddress)
      : admission.refusalOf(peerAddress);
    if (refusal !== undefined) session.end(refusalReply(refusal));
    // Anonymous users without an account have no home.
    if (account === undefined || account.home === '') return;
    const { revocation, account: current } = await accounts.review(account, peerAddress);
    if (session.account !== account) return;
    if (revocation === undefined) {
      await session.refresh(current);
      if (current.rates !== undefined) rates.change(account.id, current.rates);
    } else {
      session.end(reply(421, REVOCATIONS[revocation]));
    }
    this.#endIfExpired(session);
  }

  #endIfExpired(session: Session): void {
    const { expiresAtMs } = session.account ?? {};
    if (expiresAtMs === undefined || this.#deps.services.now() < expiresAtMs) return;
    session.end(reply(421, 'Your account has expired.'));
  }
}
