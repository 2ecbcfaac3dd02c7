import { setImmediate as otherWork } from 'node:timers/promises';

/** Longest time that the thread is kept from other work. */
const SLICE_MS = 2;

/** The clock is looked at after this number of steps. */
const CHECK_STEPS = 64;

/** Shows a generator when it is time to yield. */
export class SliceClock {
  #startedMs = performance.now();
  #steps = 0;

  /** Counts one step of a few microseconds. When this returns true, it is time for {@link nextSlice}. */
  isOver(): boolean {
    this.#steps += 1;
    if (this.#steps % CHECK_STEPS !== 0) return false;
    return performance.now() - this.#startedMs >= SLICE_MS;
  }

  /** Gives the thread back. */
  *nextSlice(): Generator<undefined, void> {
    yield undefined;
    this.#startedMs = performance.now();
  }
}

/** Runs a generator on the event loop, which does other work between the slices. */
export async function runInSlices<Result>(slices: Generator<undefined, Result>): Promise<Result> {
  for (;;) {
    const slice = slices.next();
    if (slice.done === true) return slice.value;
    await otherWork();
  }
}
