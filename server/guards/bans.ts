import type { Ban } from '../../db/ban-repository.ts';
import { NetworkSet } from '../network/network-set.ts';
import type { GuardBanRows } from './guard-ban-rows.ts';

/** Bans of the guard that are remembered, those that have expired included; beyond it the oldest are forgotten. */
const MAX_GUARD_BANS = 20_000;

interface BansDeps {
  readonly rows: GuardBanRows;
  readonly now: () => number;
}

/** Networks whose clients are refused: by the administrator, and by the guard. */
export class Bans {
  readonly #deps: BansDeps;
  #admin: readonly Ban[] = [];
  #adminNetworks = new NetworkSet();
  /** When the first ban of the administrator expires. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  /** By network: an IPv4 address or an IPv6 /64. Oldest first. */
  #guard = new Map<string, Ban>();

  constructor(deps: BansDeps) {
    this.#deps = deps;
  }

  /** Reads the bans from the database. */
  async load(): Promise<void> {
    const bans = await this.#deps.rows.read();
    this.#guard = new Map(bans.filter(({ by }) => by === 'guard').map((ban) => [ban.network, ban]));
    this.#useAdmin(bans.filter(({ by }) => by === 'admin'));
  }

  isBannedByAdmin(peerAddress: string): boolean {
    if (this.#admin.length === 0) return false;
    const nowMs = this.#deps.now();
    if (nowMs >= this.#nextExpiryMs) this.#useAdmin(this.#admin);
    return this.#adminNetworks.has(peerAddress);
  }

  /** @param origin see `originOf`. */
  isBannedByGuard(origin: string): boolean {
    const ban = this.#guard.get(origin);
    return ban !== undefined && isInForce(ban, this.#deps.now());
  }

  /** The last ban of an origin by the guard, which may have expired. */
  lastOfGuard(origin: string): Ban | undefined {
    return this.#guard.get(origin);
  }

  /** Bans an origin at once, and writes that down a moment later. */
  addOfGuard(ban: Ban): void {
    this.#guard.delete(ban.network);
    this.#guard.set(ban.network, ban);
    this.#deps.rows.save(ban);
    if (this.#guard.size <= MAX_GUARD_BANS) return;
    for (const oldest of this.#guard.keys()) {
      this.#guard.delete(oldest);
      this.#deps.rows.remove(oldest);
      break;
    }
  }

  #useAdmin(bans: readonly Ban[]): void {
    const nowMs = this.#deps.now();
    this.#admin = bans.filter(({ expiresAtMs }) => (expiresAtMs ?? nowMs + 1) > nowMs);
    this.#adminNetworks = new NetworkSet(this.#admin.map(({ network }) => network));
    const ends = this.#admin.map(({ expiresAtMs = Number.POSITIVE_INFINITY }) => expiresAtMs);
    this.#nextExpiryMs = ends.reduce((one, other) => Math.min(one, other), Infinity);
  }
}

/** A clock that is set back by more than the length of a ban ends it: it must not last for years. */
function isInForce({ createdAtMs, expiresAtMs = Infinity }: Ban, nowMs: number): boolean {
  return nowMs < expiresAtMs && nowMs >= createdAtMs - (expiresAtMs - createdAtMs);
}
