import type { PartialRows } from './partial-rows.ts';
import { isWithin, parentOf, type VirtualPath } from './virtual-path.ts';

/** What an upload that was cut has left: resumable by its owner under the name that it was to get. */
export interface PartialUpload {
  /** Also the name of its staging file. */
  readonly id: string;
  /** Free of symbolic links in its directories, so that all ways to a name lead to the same partial. */
  readonly path: VirtualPath;
  /** Where its octets lie. */
  readonly diskPath: string;
  readonly createdAtMs: number;
  /** When it was last worked on. */
  readonly cutAtMs: number;
}

type Repository = Pick<PartialRows, 'save' | 'remove' | 'rename'>;

/**
 * The partial uploads of one account, by the path that they stand for: one at most for each. Kept in
 * memory and, so that they outlive the process, in the database.
 */
export class PartialUploads {
  readonly #accountId: number;
  readonly #repository: Repository;
  readonly #onError: (error: unknown) => void;
  readonly #byPath = new Map<VirtualPath, PartialUpload>();
  /** Those that an upload is writing to just now. */
  readonly #claimed = new Set<string>();
  /** How many downloads read those that are being read. */
  readonly #readers = new Map<string, number>();
  /** Uploads under way that have a row in the database, and are not shown. */
  readonly #announced = new Set<string>();

  /**
   * @param parts.known what is left from before.
   * @param parts.onError told of a database that does not take a partial: it is then kept until the
   *   process ends only, which is no reason to fail an upload.
   */
  constructor(parts: {
    readonly accountId: number;
    readonly repository: Repository;
    readonly known: readonly PartialUpload[];
    readonly onError: (error: unknown) => void;
  }) {
    this.#accountId = parts.accountId;
    this.#repository = parts.repository;
    this.#onError = parts.onError;
    for (const partial of parts.known) this.#byPath.set(partial.path, partial);
  }

  get isEmpty(): boolean {
    return this.#byPath.size === 0;
  }

  get count(): number {
    return this.#byPath.size;
  }

  /** All of them, by path. */
  list(): PartialUpload[] {
    return [...this.#byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  find(path: VirtualPath): PartialUpload | undefined {
    return this.isEmpty ? undefined : this.#byPath.get(path);
  }

  inDirectory(directory: VirtualPath): PartialUpload[] {
    return [...this.#byPath.values()].filter(({ path }) => parentOf(path) === directory);
  }

  /** Those at a path and below it. */
  within(ancestor: VirtualPath): PartialUpload[] {
    return [...this.#byPath.values()].filter(({ path }) => isWithin(ancestor, path));
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

  /** Whether an upload or a download is working on it. */
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
  async announce(partial: PartialUpload): Promise<void> {
    this.#announced.add(partial.id);
    await this.#save(partial);
  }

  /** Shows a partial under its path, in place of one that it supersedes. */
  async add(partial: PartialUpload): Promise<void> {
    this.#byPath.set(partial.path, partial);
    this.#announced.delete(partial.id);
    await this.#save(partial);
  }

  async remove({ id, path }: PartialUpload): Promise<void> {
    if (this.#byPath.get(path)?.id === id) this.#byPath.delete(path);
    this.#claimed.delete(id);
    this.#announced.delete(id);
    await this.#repository.remove(id).catch(this.#onError);
  }

  /** Gives one another path. */
  async move(partial: PartialUpload, path: VirtualPath): Promise<void> {
    this.#byPath.delete(partial.path);
    await this.add({ ...partial, path });
  }

  /** Follows a directory that was renamed. */
  async rename(fromPath: VirtualPath, toPath: VirtualPath): Promise<void> {
    const moved = this.within(fromPath);
    if (moved.length === 0 && this.#announced.size === 0) return;
    for (const { path } of moved) this.#byPath.delete(path);
    for (const partial of moved) {
      const path = `${toPath}${partial.path.slice(fromPath.length)}` as VirtualPath;
      this.#byPath.set(path, { ...partial, path });
    }
    const move = { accountId: this.#accountId, fromPath, toPath };
    await this.#repository.rename(move).catch(this.#onError);
  }

  async #save({ id, path, createdAtMs, cutAtMs }: PartialUpload): Promise<void> {
    const row = { id, accountId: this.#accountId, path, createdAtMs, cutAtMs };
    await this.#repository.save(row).catch(this.#onError);
  }
}
