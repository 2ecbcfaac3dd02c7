import { setTimeout as delay } from 'node:timers/promises';
import type { FoundFile } from '../disk/file-scan.ts';
import { parentOf, type VirtualPath } from '../disk/virtual-path.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import { type AccountTree, pathBelow, type RetainedFile } from './account-tree.ts';
import type { RetentionRule } from './retention-rules.ts';

/** Files that are deleted before sessions get their turn: about two milliseconds. */
const BATCH_FILES = 32;

/** Pause after each batch, in which sessions have the event loop and the audit log is written. */
const PAUSE_MS = 5;

/** What a rule has deleted, or would delete. */
export interface SweptRule {
  readonly directory: VirtualPath;
  readonly deleteAfterMs: number;
  files: number;
  bytes: number;
  /** Old files that stay, because they are in use. */
  inUse: number;
  /** Files that could not be deleted; the log says why. */
  failed: number;
  directories: number;
  /** Directories that could not be read. */
  unreadDirectories: number;
  /** The first of the files. */
  readonly named: RetainedFile[];
}

interface SweepOptions {
  /** Files that have been as they are for longer, seen from here, are old. */
  readonly nowMs: number;
  /** `look`: nothing is deleted. */
  readonly mode: 'delete' | 'look';
  readonly signal: AbortSignal;
  /** Files that the result names at most. */
  readonly maxNamed: number;
  readonly onDeleted: (file: RetainedFile) => void;
  /** Called for the first file that cannot be deleted. */
  readonly onError: (error: unknown, file: RetainedFile) => void;
}

/** Deletes the old files of one rule, found by a worker thread, a few at a time beside the sessions. */
export class AgeSweep {
  readonly #tree: AccountTree;
  readonly #rule: RetentionRule;
  readonly #options: SweepOptions;
  readonly #swept: SweptRule;

  constructor(tree: AccountTree, rule: RetentionRule, options: SweepOptions) {
    this.#tree = tree;
    this.#rule = rule;
    this.#options = options;
    const { directory, deleteAfterMs } = rule;
    const counts = { files: 0, bytes: 0, inUse: 0, failed: 0, directories: 0 };
    this.#swept = { directory, deleteAfterMs, ...counts, unreadDirectories: 0, named: [] };
  }

  /** @throws the reason of the signal. */
  async run(): Promise<SweptRule> {
    const { nowMs, signal } = this.#options;
    const beforeMs = nowMs - this.#rule.deleteAfterMs;
    for await (const part of this.#tree.filesBefore(this.#rule, beforeMs, signal)) {
      this.#swept.unreadDirectories += part.unreadDirectories;
      const emptied = await this.#sweepFiles(part.files);
      if (this.#rule.removesEmpty) await this.#sweepDirectories(part.emptyDirectories, emptied);
    }
    return this.#swept;
  }

  /** @returns the directories of the deleted files. */
  async #sweepFiles(found: readonly FoundFile[]): Promise<ReadonlySet<VirtualPath>> {
    const directories = new Set<VirtualPath>();
    for await (const batch of inBatches(found, BATCH_FILES)) {
      for (const one of batch) {
        this.#options.signal.throwIfAborted();
        const file = { ...one, path: pathBelow(this.#rule, one.path) };
        if (await this.#sweepFile(file)) directories.add(parentOf(file.path));
      }
      if (this.#options.mode === 'delete') await delay(PAUSE_MS);
    }
    return directories;
  }

  /** @returns whether it has been deleted. */
  async #sweepFile(file: RetainedFile): Promise<boolean> {
    if (this.#tree.isInUse(file)) {
      this.#swept.inUse += 1;
      return false;
    }
    const isDeleted = this.#options.mode === 'delete' && (await this.#delete(file));
    if (isDeleted || this.#options.mode === 'look') this.#count(file);
    return isDeleted;
  }

  async #delete(file: RetainedFile): Promise<boolean> {
    try {
      const isDeleted = await this.#tree.deleteFile(file);
      if (isDeleted) this.#options.onDeleted(file);
      return isDeleted;
    } catch (error) {
      if (this.#swept.failed === 0) this.#options.onError(error, file);
      this.#swept.failed += 1;
      return false;
    }
  }

  #count(file: RetainedFile): void {
    this.#swept.files += 1;
    this.#swept.bytes += file.sizeBytes;
    if (this.#swept.named.length < this.#options.maxNamed) this.#swept.named.push(file);
  }

  async #sweepDirectories(
    empty: readonly string[],
    emptied: ReadonlySet<VirtualPath>,
  ): Promise<void> {
    const found = empty.map((path) => pathBelow(this.#rule, path));
    if (this.#options.mode === 'look') {
      this.#swept.directories += found.filter((path) => !this.#rule.shared.includes(path)).length;
      return;
    }
    const paths = new Set([...found, ...emptied]);
    for await (const batch of inBatches(paths, BATCH_FILES)) {
      for (const path of batch) {
        this.#swept.directories += await this.#tree.removeEmpty(path, this.#rule);
      }
    }
  }
}
