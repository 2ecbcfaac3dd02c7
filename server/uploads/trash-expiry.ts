import { AgeFindings } from '../scheduling/age-findings.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import type { TrashItem } from '../trash/trash-item.ts';
import type { WritableSpace } from './writable-space.ts';

interface TrashExpiryDeps {
  /** Looked up at each run, because accounts are added. */
  readonly spaces: () => Iterable<WritableSpace>;
  readonly intervalMs: number;
  readonly now: () => number;
  /** Writes rows that have failed before. */
  readonly saveRest: () => Promise<void>;
  readonly onExpired: (accountId: number, item: TrashItem) => void | Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Drops what has been in the trash for its time: the one that applied when it was deleted. */
export class TrashExpiry {
  readonly #deps: TrashExpiryDeps;
  readonly #ages: AgeFindings;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: TrashExpiryDeps) {
    this.#deps = deps;
    this.#ages = new AgeFindings(deps.intervalMs);
  }

  start(): void {
    const look = () => {
      this.#looking = this.#looking.then(() => this.look()).catch(this.#deps.onError);
    };
    look();
    this.#timer = setInterval(look, this.#deps.intervalMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async look(): Promise<void> {
    this.#ages.beginRun();
    for (const space of this.#deps.spaces()) {
      if (space.trash.count === 0) continue;
      for await (const batch of inBatches(space.trash.values())) {
        const over = batch.filter((item) => this.#isOver(item));
        if (over.length > 0) await this.#expire(space, over);
      }
    }
    await this.#deps.saveRest();
  }

  #isOver({ id, deletedAtMs, expiresAtMs }: TrashItem): boolean {
    const age = { ageMs: this.#deps.now() - deletedAtMs, keepMs: expiresAtMs - deletedAtMs };
    return this.#ages.isOver(id, age);
  }

  async #expire({ nameLock, trash, accountId }: WritableSpace, items: readonly TrashItem[]) {
    await nameLock.run(async () => {
      for (const item of items) {
        // It may have been restored or dropped in the meantime.
        const isThere = trash.get(item.id) === item && !trash.isHeld(item);
        if (isThere && (await trash.drop(item))) await this.#deps.onExpired(accountId, item);
      }
    });
  }
}
