import type { ApproximateTime } from '../../files/place.ts';

const QUARTER_MS = 15 * 60_000;
/** A listing leaves the seconds out, and the file may have been changed between the two answers. */
const MAX_RESIDUE_MS = 90_000;
/** Of time zones: from UTC-12 to UTC+14. */
const MAX_OFFSET_MS = 14 * 60 * 60_000;

/** How far the times in a server's LIST are ahead of UTC. All connections to the site share one of these. */
export class ServerClock {
  #offsetMs: number | undefined;
  #isSampled = false;

  /** @param offsetMinutes what the user says; without it one file is compared. */
  constructor(offsetMinutes?: number) {
    this.#offsetMs = offsetMinutes === undefined ? undefined : offsetMinutes * 60_000;
  }

  /** 0 if it is not known. */
  get offsetMs(): number {
    return this.#offsetMs ?? 0;
  }

  /** Whether the time of a file should be asked for. */
  get wantsSample(): boolean {
    return this.#offsetMs === undefined && !this.#isSampled;
  }

  /** What LIST and MDTM say of one file; undefined if the server has no MDTM. */
  learn(listed: ApproximateTime, modifiedMs: number | undefined): void {
    this.#isSampled = true;
    if (modifiedMs === undefined) return;
    const differenceMs = listed.ms - modifiedMs;
    const offsetMs = Math.round(differenceMs / QUARTER_MS) * QUARTER_MS;
    const isPlausible =
      Math.abs(offsetMs) <= MAX_OFFSET_MS && Math.abs(differenceMs - offsetMs) <= MAX_RESIDUE_MS;
    if (isPlausible) this.#offsetMs = offsetMs;
  }

  /** A time as the server lists it, in UTC. A day has no time zone. */
  inUtc({ ms, precision }: ApproximateTime): ApproximateTime {
    return { ms: precision === 'day' ? ms : ms - this.offsetMs, precision };
  }
}
