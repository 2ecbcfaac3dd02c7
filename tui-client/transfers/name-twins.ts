import { Failure } from '../errors/failure.ts';
import { readListing } from '../files/listing.ts';
import { lastName, type Place, parentOf } from '../files/place.ts';
import { collidingNames, foldedName } from './folded-name.ts';

/** Paths that some server takes for one. */
interface Twins {
  /** The one of them that the server has. */
  written: string | undefined;
  /** Settles when none of them is being written. */
  turn: Promise<void>;
}

interface Write<Result> {
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly task: () => Promise<Result>;
}

/**
 * Targets of one run whose names a server may take for one, such as `README` and `readme`. They are written one
 * after the other, and the second is refused if the server finds the first under its name.
 */
export class NameTwins {
  readonly #twins = new Map<string, Twins>();

  /** Looks for twins among paths that are going to be written. */
  expect(paths: readonly string[]): void {
    for (const path of collidingNames(paths)) {
      const key = foldedName(path);
      if (!this.#twins.has(key)) {
        this.#twins.set(key, { written: undefined, turn: Promise.resolve() });
      }
    }
  }

  /** @throws Failure if the path is taken for another one that was written. */
  async write<Result>(path: string, { place, signal, task }: Write<Result>): Promise<Result> {
    const twins = this.#twins.size === 0 ? undefined : this.#twins.get(foldedName(path));
    if (twins === undefined) return task();
    const turn = Promise.withResolvers<void>();
    const before = twins.turn;
    twins.turn = turn.promise;
    try {
      await untilAborted(before, signal);
      await refuseTaken(place, path, twins.written);
      const result = await task();
      twins.written ??= path;
      return result;
    } finally {
      void before.then(turn.resolve);
    }
  }
}

async function refuseTaken(place: Place, path: string, written: string | undefined): Promise<void> {
  if (written === undefined || written === path) return;
  if ((await place.stat(path)) === undefined) return;
  const { entries } = await readListing(place, parentOf(path));
  const names = new Set(entries.map(({ name }) => name));
  if ([path, written].every((one) => names.has(lastName(one)))) return;
  throw new Failure(
    'exists',
    `${path}: the server takes it for ${written}, which is part of this transfer, too. Rename one of them.`,
  );
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([promise, aborted]).finally(() =>
    signal.removeEventListener('abort', onAbort),
  );
}
