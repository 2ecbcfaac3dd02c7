/** Time after which the event loop gets to serve sockets and timers again. */
const SLICE_MS = 2;

/** Idle time after which a new slice may begin without a detour through the event loop. */
const GAP_MS = 1;

const WINDOW_MS = 100;

/** A session with more turns than this in a window is busy: it waits after those with fewer. */
const LIGHT_TURNS = 16;

/** One of this many turns goes to a busy session while quiet sessions wait, so that none starves. */
const BUSY_EVERY = 4;

/** Asks for one turn. Asking again before the turn has come changes nothing. */
export type TurnRequest = () => void;

interface Participant {
  readonly takeTurn: () => void;
  window: number;
  turnsInWindow: number;
}

/**
 * Shares the event loop among the sessions. A turn is one command or less; sessions take turns round-robin, those
 * with little recent work first. After {@link SLICE_MS} of turns the event loop gets back control.
 */
export class FairTurns {
  readonly #now: () => number;
  readonly #quiet = new Set<Participant>();
  readonly #busy = new Set<Participant>();
  #sliceEndMs = 0;
  #turns = 0;
  /** A slice is running or about to begin, for those that wait. */
  #isServing = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param takeTurn does one piece of work: it must return soon and not throw. */
  join(takeTurn: () => void): TurnRequest {
    const participant = { takeTurn, window: 0, turnsInWindow: 0 };
    return () => this.#request(participant);
  }

  #request(participant: Participant): void {
    if (this.#quiet.has(participant) || this.#busy.has(participant)) return;
    const nowMs = this.#now();
    if (!this.#isServing && this.#mayBeginAt(nowMs)) {
      count(participant, nowMs);
      participant.takeTurn();
      return;
    }
    (isBusy(participant, nowMs) ? this.#busy : this.#quiet).add(participant);
    this.#schedule();
  }

  /** Within a slice that has time left, or after a pause long enough to begin another one. */
  #mayBeginAt(nowMs: number): boolean {
    if (nowMs < this.#sliceEndMs) return true;
    if (nowMs < this.#sliceEndMs + GAP_MS) return false;
    this.#sliceEndMs = nowMs + SLICE_MS;
    return true;
  }

  #schedule(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    setImmediate(this.#beginSlice);
  }

  readonly #beginSlice = (): void => {
    this.#sliceEndMs = this.#now() + SLICE_MS;
    this.#serve();
  };

  readonly #serve = (): void => {
    const nowMs = this.#now();
    if (nowMs >= this.#sliceEndMs) {
      setImmediate(this.#beginSlice);
      return;
    }
    const participant = this.#next();
    if (participant === undefined) {
      this.#isServing = false;
      return;
    }
    count(participant, nowMs);
    participant.takeTurn();
    afterMicrotasks(this.#serve);
  };

  #next(): Participant | undefined {
    this.#turns += 1;
    const first = this.#turns % BUSY_EVERY === 0 ? this.#busy : this.#quiet;
    return takeFirst(first) ?? takeFirst(this.#quiet) ?? takeFirst(this.#busy);
  }
}

function isBusy({ window, turnsInWindow }: Participant, nowMs: number): boolean {
  return window === windowAt(nowMs) && turnsInWindow >= LIGHT_TURNS;
}

function count(participant: Participant, nowMs: number): void {
  const window = windowAt(nowMs);
  if (participant.window !== window) {
    participant.window = window;
    participant.turnsInWindow = 0;
  }
  participant.turnsInWindow += 1;
}

function windowAt(nowMs: number): number {
  return Math.floor(nowMs / WINDOW_MS);
}

/** Sets keep the order of insertion. */
function takeFirst<Item>(items: Set<Item>): Item | undefined {
  const { value } = items.values().next();
  if (value !== undefined) items.delete(value);
  return value;
}

/** Microtasks belong to the turn: most commands end in them. Ticks run when no microtask is left. */
function afterMicrotasks(task: () => void): void {
  queueMicrotask(() => process.nextTick(task));
}
