const TWICE_WITHIN_MS = 1000;

/** Recognizes a key that is pressed twice within a second. */
export class DoublePress {
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Records a press. @returns true for the second one. */
  press(nowMs: number): boolean {
    const isSecond = nowMs - this.#lastMs < TWICE_WITHIN_MS;
    this.#lastMs = nowMs;
    return isSecond;
  }
}
