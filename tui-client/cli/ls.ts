import type { Failure } from '../errors/failure.ts';
import { isIncomplete, isOfOneDirectory, readListing } from '../files/listing.ts';
import { compareNames, inTreeOrder } from '../files/name-order.ts';
import { type Entry, joinPath } from '../files/place.ts';
import { TreeLinks } from '../transfers/tree-links.ts';
import { type FoundSpot, forEachPlace } from './each-place.ts';
import { jsonEntry, longLine, shortLine } from './entry-lines.ts';
import type { Output } from './output.ts';
import type { CommandRequest } from './request.ts';
import type { Sessions } from './sessions.ts';

/** Lists directories and files. As text sorted by name, as JSON while it arrives. */
export function ls(request: CommandRequest): Promise<number> {
  let count = 0;
  const show = async (spot: FoundSpot, { output }: Sessions) => {
    const listing = new Listing(request, output, spot);
    count++;
    const isWhole = spot.entry.kind !== 'directory' || request.options.directory === true;
    if (isWhole) await listing.show(spot.entry, spot.path, spot.path);
    else {
      if (request.args.length > 1 && !output.isJson) {
        await output.text(`${count > 1 ? '\n' : ''}${output.name(spot.path)}:\n`);
      }
      await listing.showDirectory(spot.path, '');
      listing.end();
    }
  };
  return forEachPlace(request, show, {
    links: request.options.directory === true ? 'keep' : 'follow',
  });
}

class Listing {
  readonly #request: CommandRequest;
  readonly #output: Output;
  readonly #spot: FoundSpot;
  readonly #links: TreeLinks;
  readonly #failures: Failure[] = [];

  constructor(request: CommandRequest, output: Output, spot: FoundSpot) {
    this.#request = request;
    this.#output = output;
    this.#spot = spot;
    this.#links = new TreeLinks(spot.session.place);
  }

  async show(entry: Entry, path: string, name: string): Promise<void> {
    const line = this.#request.options.long === true ? longLine : shortLine;
    await this.#output.result(
      () => `${this.#output.name(line(entry, name))}\n`,
      () => jsonEntry(entry, path),
    );
  }

  /** What is in it; with `--recursive` also what is below that. */
  async showDirectory(path: string, prefix: string): Promise<void> {
    const directories: Entry[] = [];
    await this.#gather(async () => {
      for await (const entries of this.#entries(path)) {
        for (const entry of entries) {
          if (entry.name.startsWith('.') && this.#request.options.all !== true) continue;
          if (entry.kind === 'directory') directories.push(entry);
          await this.show(entry, joinPath(path, entry.name), `${prefix}${entry.name}`);
        }
      }
    });
    if (this.#request.options.recursive !== true) return;
    for (const directory of inTreeOrder(directories)) {
      const { name } = directory;
      if ('skip' in (await this.#links.choose(path, directory))) continue;
      await this.showDirectory(joinPath(path, name), `${prefix}${name}/`);
    }
  }

  /** @throws Failure the first thing that could not be read. */
  end(): void {
    if (this.#failures[0] !== undefined) throw this.#failures[0];
  }

  /** A directory that cannot be read, or not as a whole, does not keep the others from being shown. */
  async #gather(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!isOfOneDirectory(error)) throw error;
      if (isIncomplete(error) && error.isSilent) return this.#output.note(error.message);
      if (this.#failures.length > 0) this.#output.failure(error);
      this.#failures.push(error);
    }
  }

  async *#entries(path: string): AsyncGenerator<readonly Entry[]> {
    const batches = this.#spot.session.place.list(path, this.#request.stop);
    if (this.#output.isJson) {
      yield* batches;
      return;
    }
    const { entries, gap } = await readListing({ list: () => batches }, path);
    yield entries.toSorted((one, other) => compareNames(one.name, other.name));
    if (gap !== undefined) throw gap;
  }
}
