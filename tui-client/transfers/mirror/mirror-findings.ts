import type { Failure } from '../../errors/failure.ts';
import { LINK_NOTE } from '../tree-links.ts';
import type { MirrorOptions } from './mirror-options.ts';
import type { Deletion, MirrorPlan } from './mirror-plan.ts';
import { below, MirrorTransfers } from './mirror-transfers.ts';

/** Gathers what a comparison finds. Paths are below both directories of the mirror. */
export class MirrorFindings {
  readonly transfers: MirrorTransfers;
  unchangedFiles = 0;
  /** Whether the target has taken a name of the source for another one. */
  foldsNames = false;
  readonly #options: MirrorOptions;
  readonly #makes: string[] = [];
  readonly #notes: { path: string; text: string }[] = [];
  readonly #skipped: string[] = [];
  readonly #unsure = new Set<string>();
  readonly #entryCounts = { source: 0, target: 0 };

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.transfers = new MirrorTransfers(options);
  }

  get comparedFiles(): number {
    return this.unchangedFiles + this.transfers.fileCount;
  }

  /** Entries of one directory. */
  count(source: number, target: number): void {
    this.#entryCounts.source += source;
    this.#entryCounts.target += target;
  }

  make(path: string): void {
    this.#makes.push(below(this.#options.to, path));
  }

  /** It may be taken for another file of the source. */
  doubt(path: string): void {
    this.#unsure.add(below(this.#options.to, path));
  }

  note(path: string, text: string): void {
    this.#notes.push({ path: below(this.#options.from, path), text });
  }

  /** It is not compared. */
  skip(path: string, text: string): undefined {
    this.#skipped.push(path);
    this.note(path, text);
  }

  plan(problems: readonly Failure[], deletions: readonly Deletion[]): MirrorPlan {
    const { copies, replacements, moveBytes, growthBytes } = this.transfers;
    // Entries in extra directories were not compared, only counted.
    const uncompared = deletions.reduce((sum, { entryCount }) => sum + entryCount - 1, 0);
    const { source, target } = this.#entryCounts;
    return {
      direction: this.#options.direction,
      makes: this.#makes,
      copies,
      replacements,
      unsure: this.#unsure,
      foldsNames: this.foldsNames,
      deletions: problems.length > 0 ? [] : deletions,
      unchangedFiles: this.unchangedFiles,
      notes: this.#notes,
      skipped: this.#skipped,
      skippedLinks: this.#notes.filter(({ text }) => text === LINK_NOTE).length,
      problems,
      entryCounts: { source, target: target + uncompared },
      moveBytes,
      growthBytes,
    };
  }
}
