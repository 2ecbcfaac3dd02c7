/** Time, so that tests need not wait for it. */
export interface Clock {
  now(): number;
  /** Runs a task later. Gives what calls it off. The program need not stay for an incidental one. */
  after(delayMs: number, task: () => void, weight?: 'needed' | 'incidental'): () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  after(delayMs, task, weight = 'needed') {
    const timer = setTimeout(task, delayMs);
    if (weight === 'incidental') timer.unref();
    return () => clearTimeout(timer);
  },
};
