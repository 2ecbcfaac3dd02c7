import { lstat } from '../disk/disk.ts';
import { AgeFindings, intervalFor } from '../scheduling/age-findings.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { WritableSpace } from './writable-space.ts';

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
 * Drops partial uploads that have not been worked on for a time. A partial that is being resumed or read stays. For
 * clocks that are wrong, see {@link AgeFindings}.
 */
export class PartialExpiry {
  readonly intervalMs: number;
  readonly #deps: PartialExpiryDeps;
  readonly #ages: AgeFindings;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: PartialExpiryDeps) {
    this.#deps = deps;
    this.intervalMs = intervalFor(deps.keepMs);
    this.#ages = new AgeFindings(this.intervalMs);
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
    this.#ages.beginRun();
    for (const space of this.#deps.spaces()) {
      if (space.partials.isEmpty) continue;
      for await (const batch of inBatches(space.partials.values())) {
        for (const partial of batch) await this.#lookAt(space, partial);
      }
    }
  }

  async #lookAt(space: WritableSpace, partial: PartialUpload): Promise<void> {
    const { keepMs, now } = this.#deps;
    if (space.partials.isInUse(partial)) return;
    const isOver = this.#ages.isOver(partial.id, { ageMs: now() - partial.cutAtMs, keepMs });
    if (isOver) await this.#expire(space, partial);
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
