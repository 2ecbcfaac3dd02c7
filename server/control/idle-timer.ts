interface IdleTimerOptions {
  readonly now: () => number;
  readonly loginTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Whether a command works without moving data, such as a checksum; the session is not idle then. */
  readonly isAtWork: () => boolean;
  readonly onExpired: (text: string) => void;
}

/**
 * Ends idle sessions: clients that do not log in within the login timeout, and clients that send neither commands nor
 * data. It costs one timer for each session and nothing for each command.
 */
export class IdleTimer {
  readonly #options: IdleTimerOptions;
  #openedAtMs: number;
  #lastActivityMs: number;
  #isLoggedIn = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IdleTimerOptions) {
    this.#options = options;
    this.#openedAtMs = options.now();
    this.#lastActivityMs = this.#openedAtMs;
    this.#arm();
  }

  /** Time since something has happened. */
  get idleMs(): number {
    return Math.max(0, this.#options.now() - this.#lastActivityMs);
  }

  /** Something has happened. */
  touch(): void {
    this.#lastActivityMs = this.#options.now();
  }

  loggedIn(isLoggedIn: 'in' | 'out'): void {
    this.#isLoggedIn = isLoggedIn === 'in';
    this.touch();
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), Math.max(this.#leftMs(), 10)).unref();
  }

  #leftMs(): number {
    const { now, idleTimeoutMs, loginTimeoutMs } = this.#options;
    const nowMs = now();
    // A clock that was set back would make the time left as long as the jump.
    this.#openedAtMs = Math.min(this.#openedAtMs, nowMs);
    this.#lastActivityMs = Math.min(this.#lastActivityMs, nowMs);
    const idleLeftMs = this.#lastActivityMs + idleTimeoutMs - nowMs;
    if (this.#isLoggedIn) return idleLeftMs;
    return Math.min(idleLeftMs, this.#openedAtMs + loginTimeoutMs - nowMs);
  }

  #check(): void {
    if (this.#isLoggedIn && this.#options.isAtWork()) this.touch();
    if (this.#leftMs() > 0) {
      this.#arm();
      return;
    }
    this.#options.onExpired(
      this.#isLoggedIn
        ? 'Idle timeout; closing control connection.'
        : 'Login timeout; closing control connection.',
    );
  }
}
