import { BoundedMap } from '../collections/bounded-map.ts';

/** Origins with a score; an attacker with more addresses makes the server forget, not grow. */
const MAX_ORIGINS = 20_000;

/** Names whose points are kept apart for each origin; those of further names count together. */
const MAX_NAMES = 8;
const MAX_NAME_CHARACTERS = 64;

/** Points that no login forgives. */
const NAMELESS = '';

interface Score {
  /** Points at `atMs`, by the name of the login that has failed. */
  readonly points: Map<string, number>;
  atMs: number;
}

interface OffenceScoresOptions {
  /** Milliseconds of a monotonic clock: a change of the time of day neither adds nor forgives anything. */
  readonly nowMs: () => number;
}

export interface ScoredOffence {
  readonly origin: string;
  readonly points: number;
  readonly username: string | undefined;
  /** Points that are forgiven in a millisecond. */
  readonly leakPerMs: number;
}

/** Points of origins, which leak away with time. */
export class OffenceScores {
  readonly #nowMs: () => number;
  readonly #scores = new BoundedMap<string, Score>(MAX_ORIGINS);

  constructor({ nowMs }: OffenceScoresOptions) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#scores.size;
  }

  /** Adds points. @returns those of the origin in all. */
  add({ origin, points, username, leakPerMs }: ScoredOffence): number {
    const nowMs = this.#nowMs();
    const score = this.#scores.get(origin) ?? { points: new Map(), atMs: nowMs };
    leak(score.points, (nowMs - score.atMs) * leakPerMs);
    score.atMs = nowMs;
    const key = keyOf(username);
    const name = score.points.has(key) || score.points.size < MAX_NAMES ? key : NAMELESS;
    score.points.set(name, (score.points.get(name) ?? 0) + points);
    this.#scores.set(origin, score);
    return [...score.points.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Forgets what has failed for a name. The rest stays, or an account of one's own would be a licence to guess. */
  forgive(origin: string, username: string): void {
    const score = this.#scores.get(origin);
    if (score === undefined) return;
    score.points.delete(keyOf(username));
    if (score.points.size === 0) this.#scores.delete(origin);
  }

  clear(origin: string): void {
    this.#scores.delete(origin);
  }
}

function keyOf(username: string | undefined): string {
  return username?.slice(0, MAX_NAME_CHARACTERS).toLowerCase() ?? NAMELESS;
}

/** Takes points away, those of the name that has failed first before the others. */
function leak(points: Map<string, number>, amount: number): void {
  let left = amount;
  for (const [name, count] of points) {
    if (left <= 0) return;
    if (count > left) points.set(name, count - left);
    else points.delete(name);
    left -= count;
  }
}
