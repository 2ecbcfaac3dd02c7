import { LoginRefusedError } from '../errors/errors.ts';
import { Semaphore } from '../scheduling/semaphore.ts';
import { type LoginAttempt, type LoginThrottle, originOf } from './login-throttle.ts';

/** Attempts of one origin that may wait for those before them. */
const MAX_WAITING = 100;

/**
 * Runs the checks of secrets that can be guessed. Checks of one origin run one after another, each after the delay that
 * earlier failures have caused: a burst of guesses gains nothing.
 */
export class GuessGuard {
  readonly #throttle: LoginThrottle;
  readonly #lanes = new Map<string, Semaphore>();

  constructor({ throttle }: { readonly throttle: LoginThrottle }) {
    this.#throttle = throttle;
  }

  /**
   * Runs a check in its turn. It counts as a failure from its beginning, unless its result is right or it
   * could not be made.
   *
   * @throws LoginRefusedError if too many attempts of this origin wait.
   */
  async run<Result>(
    attempt: LoginAttempt,
    check: () => Promise<Result>,
    isRight: (result: Result) => boolean,
  ): Promise<Result> {
    return await this.#inTurn(originOf(attempt.address), async () => {
      await pause(this.#throttle.delayMs(attempt));
      this.#throttle.recordFailure(attempt);
      try {
        const result = await check();
        if (isRight(result)) this.#throttle.takeBack(attempt);
        return result;
      } catch (error) {
        this.#throttle.takeBack(attempt);
        throw error;
      }
    });
  }

  async #inTurn<Result>(origin: string, task: () => Promise<Result>): Promise<Result> {
    const lane = this.#lanes.get(origin) ?? new Semaphore(1);
    if (lane.tasks > MAX_WAITING) {
      throw new LoginRefusedError('Too many logins from your address wait; try again shortly.');
    }
    this.#lanes.set(origin, lane);
    try {
      return await lane.run(task);
    } finally {
      if (lane.tasks === 0) this.#lanes.delete(origin);
    }
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms).unref());
}
