import type { Failure, FailureKind } from '../errors/failure.ts';
import { exitCodeOf } from './exit-codes.ts';
import { type FindOptions, type Found, findPaths } from './glob-paths.ts';
import type { CommandRequest } from './request.ts';
import { type RemoteSpot, type Sessions, withSessions } from './sessions.ts';

/** One place of those that a command was given. */
export interface FoundSpot extends RemoteSpot, Found {}

/** Ends a command at once: they would befall the next place, too. */
const FATAL = new Set<FailureKind>(['network', 'login', 'trust']);

/** Failures of single places, which do not keep a command from doing the others. */
export class Failures {
  readonly #kinds: FailureKind[] = [];
  readonly #sessions: Sessions;
  readonly #note: (kind: FailureKind) => void;

  /** @param note is called for each, if the caller counts. */
  constructor(sessions: Sessions, note: (kind: FailureKind) => void = () => {}) {
    this.#sessions = sessions;
    this.#note = note;
  }

  get exitCode(): number {
    return exitCodeOf(this.#kinds);
  }

  async tell(failure: Failure, path?: string): Promise<void> {
    const { kind, message, code } = failure;
    this.#kinds.push(kind);
    this.#note(kind);
    this.#sessions.output.failure(failure);
    await this.#sessions.output.json({ type: 'failure', path, kind, message, code });
  }

  /** Runs a task for a path; a failure of that path alone is reported and remembered. */
  async gather(path: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const failure = error as Failure;
      if (failure.name !== 'Failure' || FATAL.has(failure.kind)) throw error;
      await this.tell(failure, path);
    }
  }
}

interface PlaceRules {
  /** A link that was named: `follow` unless said otherwise. */
  readonly links?: FindOptions['links'];
  readonly isIgnored?: (failure: Failure) => boolean;
}

/**
 * Does something for each place that a command was given, patterns expanded.
 *
 * @returns the exit code.
 */
export function forEachPlace(
  request: CommandRequest,
  task: (spot: FoundSpot, sessions: Sessions) => Promise<void>,
  { links = 'follow', isIgnored = () => false }: PlaceRules = {},
): Promise<number> {
  return forEachSpot(request, async (spot, sessions, failures) => {
    const options = { links, signal: request.stop };
    const found = await findPaths(spot.session.place, spot.path, options).catch(
      (error: unknown) => {
        if (isIgnored(error as Failure)) return [];
        throw error;
      },
    );
    for (const { path, entry } of found) {
      await failures.gather(path, () => task({ ...spot, path, entry }, sessions));
    }
  });
}

/** The same for places that need not be there yet. */
export function forEachSpot(
  request: CommandRequest,
  task: (spot: RemoteSpot, sessions: Sessions, failures: Failures) => Promise<void>,
): Promise<number> {
  return withSessions(request, async (sessions) => {
    const failures = new Failures(sessions);
    for (const text of request.args) {
      const spot = await sessions.spot(text);
      await failures.gather(spot.path, () => task(spot, sessions, failures));
    }
    return failures.exitCode;
  });
}
