import type { PartialRepository } from '../../db/partial-repository.ts';
import { isWithin, parentOf, type VirtualPath } from './virtual-path.ts';

/** What an upload that was cut has left: resumable by its owner under the name that it was to get. */
export interface PartialUpload {
  /** Also the name of its staging file. */
  readonly id: string;
  readonly path: VirtualPath;
  /** Where its octets lie. */
  readonly diskPath: string;
  readonly createdAtMs: number;
}

type Repository = Pick<PartialRepository, 'save' | 'remove' | 'rename'>;

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

  find(path: VirtualPath): PartialUpload | undefined {
    return this.#byPath.size === 0 ? undefined : this.#byPath.get(path);
  }

  inDirectory(directory: VirtualPath): PartialUpload[] {
    return [...this.#byPath.values()].filter(({ path }) => parentOf(path) === directory);
  }

  isAnyBelow(directory: VirtualPath): boolean {
    return [...this.#byPath.keys()].some((path) => isWithin(directory, path));
  }

  isAnyClaimedWithin(ancestor: VirtualPath): boolean {
    if (this.#claimed.size === 0) return false;
    return [...this.#byPath.values()].some(
      (partial) => isWithin(ancestor, partial.path) && this.isClaimed(partial),
    );
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

  /**
   * Makes an upload survive the end of the process as a partial, without showing it yet: that is what
   * is left of a large upload in a crash.
   */
  async announce(partial: PartialUpload): Promise<void> {
    const { id, path, createdAtMs } = partial;
    const row = { id, accountId: this.#accountId, path, createdAtMs };
    await this.#repository.save(row).catch(this.#onError);
  }

  /** Shows a partial under its path, in place of one that it supersedes. */
  async add(partial: PartialUpload): Promise<void> {
    this.#byPath.set(partial.path, partial);
    await this.announce(partial);
  }

  async remove({ id, path }: PartialUpload): Promise<void> {
    if (this.#byPath.get(path)?.id === id) this.#byPath.delete(path);
    this.#claimed.delete(id);
    await this.#repository.remove(id).catch(this.#onError);
  }

  /** Follows a file or directory that was renamed. */
  async rename(fromPath: VirtualPath, toPath: VirtualPath): Promise<void> {
    const moved = [...this.#byPath.values()].filter(({ path }) => isWithin(fromPath, path));
    if (moved.length === 0) return;
    for (const { path } of moved) this.#byPath.delete(path);
    for (const partial of moved) {
      const path = `${toPath}${partial.path.slice(fromPath.length)}` as VirtualPath;
      this.#byPath.set(path, { ...partial, path });
    }
    const move = { accountId: this.#accountId, fromPath, toPath };
    await this.#repository.rename(move).catch(this.#onError);
  }
}
