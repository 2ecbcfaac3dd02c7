import { type ByteName, byteName } from '../system/byte-name.ts';
import type { FileFacts } from '../system/file-facts.ts';
import { lineName } from './line-name.ts';
import { foldersByName, type ListedFolder } from './listed-folders.ts';
import type { ListingRequest } from './listing-request.ts';
import { machineFacts } from './machine-facts.ts';
import type { ListedNames } from './name-reader.ts';
import type { OpenDirectory } from './open-directory.ts';
import type { StagedEntry } from './partial-entries.ts';
import { unixLine } from './unix-line.ts';

/** Writes the lines of a listing for blocks of names. */
export class BlockFormatter {
  readonly #directory: OpenDirectory;
  readonly #request: ListingRequest;
  readonly #namePrefix: string;
  readonly #folders: ReadonlyMap<ByteName, ListedFolder> | undefined;

  constructor(options: { readonly directory: OpenDirectory; readonly request: ListingRequest }) {
    this.#directory = options.directory;
    this.#request = options.request;
    this.#folders = foldersByName(options.request.folders);
    this.#namePrefix = byteName(options.request.namePrefix ?? '');
  }

  /**
   * The line that MLSD starts with, about the directory itself; none if it was removed.
   *
   * Its facts come from where those of the entries do: numbers of `Stats` are kept in another way, and all
   * facts after them would be slower.
   */
  listedDirectory(): string {
    const { facts: selected } = this.#request;
    // RFC 3659 §7.5.1.2: without `type`, this entry could not be distinguished from the others.
    if (selected !== undefined && !selected.includes('type')) return '';
    const facts = this.#directory.entryFacts('.');
    return facts
      ? `${machineFacts(facts, {
          permissions: this.#directory.permissions.ofListed(),
          selected,
          isListedDirectory: true,
        })}\r\n`
      : '';
  }

  /** Lines with the facts of each entry: LIST and MLSD. */
  factLines({ names, partials }: Pick<ListedNames, 'names' | 'partials'>): string {
    const format = this.#lineFormat();
    let text = '';
    for (const name of names) {
      const facts = this.#entryFacts(name, partials.get(name));
      if (facts !== undefined) text += `${format(facts)}\r\n`;
    }
    return text;
  }

  /** Lines with names alone: NLST. Only links and partial uploads need to be looked at. */
  nameLines({ names, links, partials }: ListedNames): string {
    let text = '';
    for (const name of names) {
      const partial = partials.get(name);
      const isCertain = partial === undefined && !links.has(name);
      if (!isCertain && this.#entryFacts(name, partial) === undefined) continue;
      text += `${this.#namePrefix}${lineName(name)}\r\n`;
    }
    return text;
  }

  #entryFacts(name: ByteName, partial: StagedEntry | undefined): FileFacts | undefined {
    const folder = this.#folders?.get(name);
    if (folder !== undefined) return folder.facts;
    const { partials } = this.#request;
    const staged =
      partial && partials && this.#directory.stagedFacts(name, partial, partials.stagingPaths);
    const facts = staged ?? this.#directory.entryFacts(name);
    return facts && this.#directory.permissions.veiled(facts, name);
  }

  #permissions(facts: FileFacts): string {
    const folder = this.#folders?.get(facts.name);
    return folder?.permissions ?? this.#directory.permissions.of(facts, facts.name);
  }

  #lineFormat(): (facts: FileFacts) => string {
    if (this.#request.format === 'MLSD') {
      const { facts: selected } = this.#request;
      return (facts) => machineFacts(facts, { permissions: this.#permissions(facts), selected });
    }
    const { nowMs } = this.#request;
    const prefix = this.#namePrefix;
    if (prefix === '') return (facts) => unixLine(facts, nowMs);
    return (facts) => unixLine({ ...facts, name: `${prefix}${facts.name}` }, nowMs);
  }
}
