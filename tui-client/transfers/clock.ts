/** Time, so that tests need not wait for it. */
export interface Clock {
  now(): number;
  /** Runs a task later. Gives what calls it off. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
