import type { Stats } from 'node:fs';
import type { NameContent } from '../disk/name-content.ts';
import { isWithin, type VirtualPath } from '../disk/virtual-path.ts';
import { encodePartials } from '../listing/partial-entries.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import { PartialIndex } from './partial-index.ts';
import type { PartialRows } from './partial-rows.ts';
import type { PartialUpload } from './partial-upload.ts';

/** Within the limit of an account, all partials below a directory follow its rename in one step. */
const MOVED_AT_ONCE = 1024;

type Repository = Pick<PartialRows, 'save' | 'remove' | 'rename' | 'loseNames'>;

/**
 * The partial uploads of one account. For each path, one at most has a claim on the name: the one that was begun last.
 * Kept in memory and, so that they outlive the process, in the database.
 */
export class PartialUploads {
  readonly #accountId: number;
  readonly #repository: Repository;
  readonly #onError: (error: unknown) => void;
  readonly #index = new PartialIndex();
  /** Those that an earlier run has left: it may have worked on them after it has written their rows. */
  readonly #fromEarlierRun = new Set<string>();
  /** Partials that an upload is writing to. */
  readonly #claimed = new Set<string>();
  /** Number of downloads of each partial that is being read. */
  readonly #readers = new Map<string, number>();
  /** Uploads under way that have a row in the database, and are not shown. */
  readonly #persistedAhead = new Set<string>();
  #lastBeginNumber = 0;

  /**
   * @param deps.known partials of earlier runs.
   * @param deps.onError reports a database that does not store a partial: the partial is then kept until the process
   * ends, which is no reason to fail an upload.
   */
  constructor(deps: {
    readonly accountId: number;
    readonly repository: Repository;
    readonly known: readonly PartialUpload[];
    readonly onError: (error: unknown) => void;
  }) {
    this.#accountId = deps.accountId;
    this.#repository = deps.repository;
    this.#onError = deps.onError;
    const losers: string[] = [];
    for (const partial of deps.known) {
      losers.push(...this.#insert(partial));
      this.#fromEarlierRun.add(partial.id);
    }
    void this.#persistLoss(losers);
  }

  get isEmpty(): boolean {
    return this.#index.size === 0;
  }

  get count(): number {
    return this.#index.size;
  }

  /** Number for an upload that starts now. */
  nextBeginNumber(): number {
    this.#lastBeginNumber += 1;
    return this.#lastBeginNumber;
  }

  /** All of them, in no order. */
  values(): Iterable<PartialUpload> {
    return this.#index.values();
  }

  /** Those without a name. */
  nameless(): Iterable<PartialUpload> {
    return this.#index.nameless();
  }

  /** Those with a name that the quota has cut. */
  makingWay(): Iterable<PartialUpload> {
    return this.#index.makingWay();
  }

  get(id: string): PartialUpload | undefined {
    return this.#index.get(id);
  }

  /** The one that has a claim on a name. */
  find(path: VirtualPath): PartialUpload | undefined {
    return this.isEmpty ? undefined : this.#index.claimOn(path);
  }

  /** Those with a claim on a name in a directory, as listings in worker threads read them. */
  encodedIn(directory: VirtualPath): Promise<SharedArrayBuffer> | undefined {
    return this.#index.encodedClaimsIn(directory, encodePartials);
  }

  /** Those with a claim on a path or a name below it. */
  *within(ancestor: VirtualPath): Generator<PartialUpload, void> {
    const itself = this.#index.claimOn(ancestor);
    if (itself !== undefined) yield itself;
    yield* this.#index.claimsBelow(ancestor);
  }

  /** A partial that an upload is resuming, with a claim on a path or a name below it. */
  claimedWithin(ancestor: VirtualPath): PartialUpload | undefined {
    for (const id of this.#claimed) {
      const partial = this.#index.get(id);
      if (partial?.held !== undefined && isWithin(ancestor, partial.path)) return partial;
    }
    return undefined;
  }

  /** The directories in which a name is claimed that held nothing. */
  directoriesOfNewNames(): Iterable<VirtualPath> {
    return this.#index.directoriesOfNewNames();
  }

  /**
   * Time when a partial was last worked on. A crashed run may have worked on it long after the row was written; the
   * change time of the staging file, which no client can set, shows it.
   */
  workedOnMs({ id, cutAtMs }: PartialUpload, staged: Stats | undefined): number {
    if (staged === undefined || !this.#fromEarlierRun.has(id)) return cutAtMs;
    return Math.max(cutAtMs, Math.floor(staged.ctimeMs));
  }

  isClaimed({ id }: PartialUpload): boolean {
    return this.#claimed.has(id);
  }

  claim({ id }: PartialUpload): void {
    this.#claimed.add(id);
  }

  release(id: string): void {
    this.#claimed.delete(id);
  }

  /** A resume makes it the newest beginning of its name. */
  resumed({ id, diskPath }: Pick<PartialUpload, 'id' | 'diskPath'>, beginNumber: number): void {
    const partial = this.#index.get(id);
    if (partial !== undefined) this.#index.set({ ...partial, diskPath, beginNumber });
  }

  /** Whether an upload or a download uses it. */
  isInUse({ id }: PartialUpload): boolean {
    return this.#claimed.has(id) || this.#readers.has(id);
  }

  /** Marks a partial as being read, until what this returns is called, once. */
  read({ id }: PartialUpload): () => void {
    this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    return () => {
      const others = (this.#readers.get(id) ?? 0) - 1;
      if (others > 0) this.#readers.set(id, others);
      else this.#readers.delete(id);
    };
  }

  /**
   * Makes an upload survive the end of the process as a partial, without showing it yet: that is what
   * is left of a large upload in a crash.
   */
  async persistAhead(partial: PartialUpload): Promise<void> {
    this.#persistedAhead.add(partial.id);
    await this.#save(partial);
  }

  /**
   * Stores a partial, or its changes. If two claim one name, the one that started last has it.
   *
   * @returns false if the account has been removed, so that the partial is of no use.
   */
  async add(partial: PartialUpload): Promise<boolean> {
    const losers = this.#insert(partial);
    this.#fromEarlierRun.delete(partial.id);
    this.#persistedAhead.delete(partial.id);
    const others = losers.filter((id) => id !== partial.id);
    await this.#persistLoss(others);
    const isSaved = await this.#save(this.#index.get(partial.id) ?? partial);
    if (!isSaved) this.#index.delete(partial.id);
    return isSaved;
  }

  /**
   * Hides a partial that is about to be removed.
   *
   * @returns a function that shows it again.
   */
  hide(id: string): () => void {
    const partial = this.#index.get(id);
    this.#index.delete(id);
    return () => {
      if (partial !== undefined) this.#insert(partial);
    };
  }

  async remove({ id }: Pick<PartialUpload, 'id'>): Promise<void> {
    this.#index.delete(id);
    this.#fromEarlierRun.delete(id);
    this.#claimed.delete(id);
    this.#persistedAhead.delete(id);
    await this.#repository.remove(id).catch(this.#onError);
  }

  /** Gives one another name, which holds `held`. */
  async move(partial: PartialUpload, path: VirtualPath, held: NameContent): Promise<void> {
    this.#index.delete(partial.id);
    await this.add({ ...partial, path, held, beginNumber: this.nextBeginNumber() });
  }

  /**
   * Takes their names from partials, and from uploads with a row of which only the ids are known here. In memory that is
   * done when this returns, in the database when the promise resolves.
   */
  async loseNames(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#lose(id);
    await this.#persistLoss(ids);
  }

  /** The file of a name is the same, with other facts. */
  async contentChanged(from: NameContent, to: NameContent): Promise<void> {
    for (const partial of this.#index.holding(from)) {
      const changed = { ...partial, held: to };
      this.#index.set(changed);
      await this.#save(changed);
    }
  }

  /** Follows a directory that was renamed. More than an account can have by now follow in several steps. */
  async rename(fromPath: VirtualPath, toPath: VirtualPath): Promise<void> {
    let moved = 0;
    for await (const below of inBatches(this.#index.below(fromPath), MOVED_AT_ONCE)) {
      for (const partial of below) {
        this.#index.delete(partial.id);
        const path = `${toPath}${partial.path.slice(fromPath.length)}` as VirtualPath;
        this.#insert({ ...partial, path });
      }
      moved += below.length;
    }
    if (moved === 0 && this.#persistedAhead.size === 0) return;
    const move = { accountId: this.#accountId, fromPath, toPath };
    await this.#repository.rename(move).catch(this.#onError);
  }

  /** @returns the ids of those that have lost their name by that. */
  #insert(partial: PartialUpload): string[] {
    const { id, path, held, beginNumber } = partial;
    this.#lastBeginNumber = Math.max(this.#lastBeginNumber, beginNumber);
    const other = held === undefined ? undefined : this.#index.claimOn(path);
    if (other === undefined || other.id === id) {
      this.#index.set(partial);
      return [];
    }
    const isOlder = other.beginNumber > beginNumber;
    if (!isOlder) this.#lose(other.id);
    this.#index.set(isOlder ? { ...partial, held: undefined } : partial);
    return [isOlder ? id : other.id];
  }

  #lose(id: string): void {
    const partial = this.#index.get(id);
    if (partial?.held !== undefined) this.#index.set({ ...partial, held: undefined });
  }

  async #persistLoss(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#repository.loseNames(ids).catch(this.#onError);
  }

  /** @returns false only if the account does not exist. */
  async #save(partial: PartialUpload): Promise<boolean> {
    const { diskPath: _, ...row } = partial;
    try {
      return await this.#repository.save({ ...row, accountId: this.#accountId });
    } catch (error) {
      this.#onError(error);
      return true;
    }
  }
}
