import type { AccountRates } from '../accounts/accounts.ts';
import type { Settings } from '../config/settings.ts';
import { Pacer, type Pacing } from './pacer.ts';
import { RateBucket } from './rate-bucket.ts';

type Direction = 'up' | 'down';

type RateSettings = Pick<
  Settings,
  | 'rateUp'
  | 'rateDown'
  | 'rateUpPerUser'
  | 'rateDownPerUser'
  | 'rateUpPerSession'
  | 'rateDownPerSession'
>;

interface SharedRates {
  rates: AccountRates;
  sessions: number;
  readonly up: RateBucket;
  readonly down: RateBucket;
}

/** What sessions share of the rates: that of the server, and that of each account that is logged in. */
export class Rates {
  readonly #settings: RateSettings;
  readonly #server: Readonly<Record<Direction, RateBucket>>;
  readonly #accounts = new Map<number, SharedRates>();

  /** @param settings may change: each portion looks at them. */
  constructor(settings: RateSettings) {
    this.#settings = settings;
    this.#server = {
      up: new RateBucket(() => settings.rateUp),
      down: new RateBucket(() => settings.rateDown),
    };
  }

  /** The pacers of a session that logs in. {@link leave} follows at the end of the login. */
  enter(accountId: number, rates: AccountRates): Pacing {
    const shared = this.#accounts.get(accountId) ?? this.#newShared(rates);
    shared.rates = rates;
    shared.sessions += 1;
    this.#accounts.set(accountId, shared);
    const settings = this.#settings;
    const up = new RateBucket(() => settings.rateUpPerSession);
    const down = new RateBucket(() => settings.rateDownPerSession);
    return {
      up: new Pacer({ buckets: [up, shared.up, this.#server.up] }),
      down: new Pacer({ buckets: [down, shared.down, this.#server.down] }),
    };
  }

  leave(accountId: number): void {
    const shared = this.#accounts.get(accountId);
    if (shared === undefined) return;
    shared.sessions -= 1;
    if (shared.sessions === 0) this.#accounts.delete(accountId);
  }

  /** The administrator has changed the rates of an account; they apply to transfers that run. */
  change(accountId: number, rates: AccountRates): void {
    const shared = this.#accounts.get(accountId);
    if (shared !== undefined) shared.rates = rates;
  }

  #newShared(rates: AccountRates): SharedRates {
    const settings = this.#settings;
    const shared: SharedRates = {
      rates,
      sessions: 0,
      up: new RateBucket(() => shared.rates.up ?? settings.rateUpPerUser),
      down: new RateBucket(() => shared.rates.down ?? settings.rateDownPerUser),
    };
    return shared;
  }
}
