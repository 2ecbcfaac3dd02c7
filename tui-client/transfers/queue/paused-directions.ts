import type { Job, JobError } from './job.ts';

/** Why a direction has been stopped. */
export interface QueueNotice {
  readonly direction: Job['direction'];
  readonly error: JobError;
}

export const DIRECTIONS = ['upload', 'download'] as const;

/** Which directions are held, by the user or because it makes no sense to go on. */
export class PausedDirections {
  readonly #held = new Set<Job['direction']>();
  #isPaused = false;
  #notices: readonly QueueNotice[] = [];

  /** By the user. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  get notices(): readonly QueueNotice[] {
    return this.#notices;
  }

  has(direction: Job['direction']): boolean {
    return this.#held.has(direction);
  }

  pause(): void {
    this.#isPaused = true;
    for (const direction of DIRECTIONS) this.#held.add(direction);
  }

  /** Says why, once. */
  stop(directions: readonly Job['direction'][], error: JobError): void {
    for (const direction of directions) {
      if (this.#held.has(direction)) continue;
      this.#held.add(direction);
      this.#notices = [...this.#notices, { direction, error }];
    }
  }

  release(): void {
    this.#isPaused = false;
    this.#held.clear();
    this.#notices = [];
  }
}
