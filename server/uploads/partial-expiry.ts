import { lstat } from '../disk/disk.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { WritableSpace } from './writable-space.ts';

const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 60_000;

/** A partial that was dropped because it was not resumed in time. */
interface ExpiredPartial extends PartialUpload {
  readonly accountId: number;
  readonly sizeBytes: number;
}

interface PartialExpiryDeps {
  /** Looked up at each run, because accounts are added. */
  readonly spaces: () => Iterable<WritableSpace>;
  /** Time that a partial is kept after it was last worked on. */
  readonly keepMs: number;
  readonly now: () => number;
  readonly onExpired: (expired: ExpiredPartial) => void | Promise<void>;
  /** Reports a partial that could not be dropped. It is tried again. */
  readonly onError: (error: unknown, partial: PartialUpload) => void;
}

/**
 * Drops partial uploads that have not been worked on for a time. A partial that is being resumed or read stays.
 *
 * A clock can be wrong for a moment, above all after a start. So a partial is dropped only after two runs in a row, an
 * interval apart, have found it too old. A partial with a date in the future, because the clock was set back, is
 * dropped after it has been found so for the whole retention time.
 */
export class PartialExpiry {
  readonly intervalMs: number;
  readonly #deps: PartialExpiryDeps;
  /** Number of runs in a row that found each partial too old, or in the future. */
  #findings = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: PartialExpiryDeps) {
    this.#deps = deps;
    const tenthMs = deps.keepMs / 10;
    this.intervalMs = Math.min(Math.max(tenthMs, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
  }

  /** Runs at once and then at intervals; not at all if partials are kept forever. */
  start(): void {
    if (this.#deps.keepMs === 0) return;
    const look = () => {
      this.#looking = this.#looking.then(() => this.look());
    };
    look();
    this.#timer = setInterval(look, this.intervalMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async look(): Promise<void> {
    const findings = new Map<string, number>();
    for (const space of this.#deps.spaces()) {
      if (space.partials.isEmpty) continue;
      for await (const batch of inBatches(space.partials.values())) {
        for (const partial of batch) await this.#lookAt(space, partial, findings);
      }
    }
    this.#findings = findings;
  }

  async #lookAt(
    space: WritableSpace,
    partial: PartialUpload,
    findings: Map<string, number>,
  ): Promise<void> {
    const limit = this.#findingsUntilExpiry(partial.cutAtMs);
    if (limit === undefined || space.partials.isInUse(partial)) return;
    const count = (this.#findings.get(partial.id) ?? 0) + 1;
    if (count < limit) findings.set(partial.id, count);
    else await this.#expire(space, partial);
  }

  /** Undefined if nothing is wrong with it. */
  #findingsUntilExpiry(workedOnMs: number): number | undefined {
    const { keepMs, now } = this.#deps;
    const ageMs = now() - workedOnMs;
    if (ageMs < 0) return Math.ceil(keepMs / this.intervalMs);
    return ageMs >= keepMs ? 2 : undefined;
  }

  async #expire(space: WritableSpace, partial: PartialUpload): Promise<void> {
    const { accountId, partials, nameLock } = space;
    try {
      await nameLock.run(async () => {
        // The partial may have been resumed, renamed or deleted during the run.
        if (partials.isInUse(partial) || partials.get(partial.id) !== partial) return;
        const workedOnMs = partials.workedOnMs(partial, await lstat(partial.diskPath));
        if (workedOnMs > partial.cutAtMs) {
          await partials.add({ ...partial, cutAtMs: workedOnMs });
          return;
        }
        const sizeBytes = await space.dropPartial(partial);
        await this.#deps.onExpired({ ...partial, accountId, sizeBytes });
      });
    } catch (error) {
      this.#deps.onError(error, partial);
    }
  }
}
