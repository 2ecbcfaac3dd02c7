import { originOf } from '../accounts/login-throttle.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { EventCounts } from '../audit/event-counts.ts';
import type { Settings } from '../config/settings.ts';
import type { Hooks } from '../hooks/hooks.ts';
import type { Logs } from '../logging/logging.ts';
import type { AccessLists } from './access-lists.ts';
import type { Bans } from './bans.ts';
import type { OffenceScores } from './offence-scores.ts';
import { OFFENCE_POINTS, type Offence, type Offender } from './offences.ts';

const DAY_MS = 86_400_000;

/** Bans do not grow beyond this. */
const MAX_BAN_MS = 7 * DAY_MS;

/** After a ban, the time without another one until the next is as short as the first. */
const REMEMBERED_MS = 7 * DAY_MS;

interface BanGuardDeps {
  readonly scores: OffenceScores;
  readonly bans: Bans;
  /** As the settings have them at the moment. */
  readonly lists: () => AccessLists;
  readonly settings: () => Pick<Settings, 'banAfter' | 'banWindowMs' | 'banTimeMs'>;
  readonly log: Pick<Logs['connections'], 'warn'>;
  readonly audit: Pick<AuditTrail, 'record'>;
  readonly counts: EventCounts;
  readonly hooks: Pick<Hooks, 'add'>;
  readonly now: () => number;
  /** Ends the sessions of an origin that are not logged in. */
  readonly endStrangers: (origin: string) => void;
}

/** Bans the origins (IPv4 addresses, IPv6 /64) that guess passwords, send garbage or exceed limits. */
export class BanGuard {
  readonly #deps: BanGuardDeps;

  constructor(deps: BanGuardDeps) {
    this.#deps = deps;
  }

  /** A login has failed. It has a line in `logins.log` already. */
  loginFailed(offender: Offender, offence: Offence): void {
    this.#count(offender, offence);
  }

  /** Something else has happened that no client of good will does. */
  report(offender: Offender, offence: Offence): void {
    const { address: peer, session } = offender;
    this.#deps.log.warn({ session, peer, offence }, 'offence');
    this.#count(offender, offence);
  }

  /** A login has succeeded. */
  forgive(address: string, username: string): void {
    this.#deps.scores.forgive(originOf(address), username);
  }

  #count(offender: Offender, offence: Offence): void {
    const { scores, counts, lists, settings } = this.#deps;
    counts.offences.set(offence, (counts.offences.get(offence) ?? 0) + 1);
    const { banAfter, banWindowMs } = settings();
    if (banAfter === 0 || lists().exempts(offender.address)) return;
    const score = scores.add({
      origin: originOf(offender.address),
      points: OFFENCE_POINTS[offence],
      username: offender.username,
      leakPerMs: banAfter / banWindowMs,
    });
    // What has leaked away of the last point does not matter: the third offence of three bans.
    if (Math.ceil(score) >= banAfter) this.#ban(offender, offence);
  }

  #ban({ address, session = '' }: Offender, offence: Offence): void {
    const { bans, scores, log, audit, hooks, now, endStrangers } = this.#deps;
    const network = originOf(address);
    scores.clear(network);
    // Sessions that were open before may go on to offend.
    if (bans.isBannedByGuard(network)) return;
    const createdAtMs = now();
    const times = this.#timesOf(network, createdAtMs);
    const expiresAtMs = createdAtMs + this.#lengthMs(times);
    const until = new Date(expiresAtMs).toISOString();
    bans.addOfGuard({ network, reason: offence, createdAtMs, expiresAtMs, by: 'guard', times });
    log.warn({ peer: address, network, offence, times, until }, 'origin banned');
    const reason = `${offence}; until ${until}`;
    const event = { kind: 'ban', atMs: createdAtMs, outcome: 'ok', reason } as const;
    const who = { session, address: network, username: '' };
    audit.record({ ...event, ...who });
    hooks.add({ event: 'ban', ...who, reason: offence, until });
    endStrangers(network);
  }

  #timesOf(network: string, nowMs: number): number {
    const last = this.#deps.bans.lastOfGuard(network);
    if (last === undefined || nowMs - (last.expiresAtMs ?? 0) > REMEMBERED_MS) return 1;
    return last.times + 1;
  }

  #lengthMs(times: number): number {
    const { banTimeMs } = this.#deps.settings();
    return Math.min(banTimeMs * 2 ** (times - 1), Math.max(MAX_BAN_MS, banTimeMs));
  }
}
