/** Data connections in a row that came before their transfer command until that counts as the client's habit. */
const HABIT_AFTER = 3;

/** Time that the first connection from a noisy address waits for a second one, which would show that one is a thief's. */
const HOLD_MS = 250;

/**
 * Time limit for a client that opens its data connection before it sends the command: its connection exists already.
 */
const SHORT_HOLD_MS = 2;

/** How the client of a session opens its passive data connections. */
export class PassiveHabits {
  #earlyInARow = 0;

  get holdMs(): number {
    return this.#earlyInARow >= HABIT_AFTER ? SHORT_HOLD_MS : HOLD_MS;
  }

  cameEarly(): void {
    this.#earlyInARow += 1;
  }

  cameLate(): void {
    this.#earlyInARow = 0;
  }
}
