import type { ByteName } from '../system/byte-name.ts';
import type { ListingRequest } from './listing-request.ts';
import { type ListedNames, readNames } from './name-reader.ts';
import type { OpenDirectory } from './open-directory.ts';

/** Memory for names in one thread: those of three directories of 100,000 entries. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** Memory of a name beside its octets. */
const NAME_OVERHEAD_BYTES = 40;

/** Memory of a partial upload beside its name. */
const PARTIAL_BYTES = 200;

/** Names that are kept after they had to be read again: the reader is slow, or memory scarce. */
const NAMES_READ_AGAIN = 20_000;

/** The names that all listings of a thread hold. Those of the listing that has waited longest go first. */
export class NamesBudget {
  readonly #maxBytes: number;
  readonly #bytes = new Map<HeldNames, number>();
  #totalBytes = 0;

  constructor(maxBytes = MAX_HELD_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Counts the names of a listing that is being worked on, and lets others forget theirs. */
  use(names: HeldNames, bytes: number): void {
    this.release(names);
    this.#bytes.set(names, bytes);
    this.#totalBytes += bytes;
    for (const other of this.#bytes.keys()) {
      if (this.#totalBytes <= this.#maxBytes || other === names) break;
      this.release(other);
      other.forget();
    }
  }

  release(names: HeldNames): void {
    this.#totalBytes -= this.#bytes.get(names) ?? 0;
    this.#bytes.delete(names);
  }
}

/**
 * The sorted names of one listing, returned in blocks. If the reader stalls, the names may be dropped; the directory is
 * then read again from the last name on.
 */
export class HeldNames {
  readonly #directory: OpenDirectory;
  readonly #request: ListingRequest;
  readonly #budget: NamesBudget;
  #held: ListedNames | undefined;
  #bytes = 0;
  #at = 0;
  /** The last name that was handed out. */
  #last: ByteName | undefined;

  constructor(options: {
    readonly directory: OpenDirectory;
    readonly request: ListingRequest;
    readonly budget: NamesBudget;
  }) {
    this.#directory = options.directory;
    this.#request = options.request;
    this.#budget = options.budget;
  }

  /** The next names, in slices of work; none after the last. */
  *next(count: number): Generator<undefined, ListedNames> {
    let held = this.#held ?? (yield* this.#read());
    if (this.#at >= held.names.length && held.hasMore) held = yield* this.#read();
    const names = held.names.slice(this.#at, this.#at + count);
    this.#at += names.length;
    this.#last = names.at(-1) ?? this.#last;
    this.#budget.use(this, this.#bytes);
    const { links, partials } = held;
    return { names, links, partials, hasMore: held.hasMore || this.#at < held.names.length };
  }

  /** Frees the memory; what has not been handed out is read again when it is wanted. */
  forget(): void {
    this.#held = undefined;
    this.#at = 0;
  }

  close(): void {
    this.#budget.release(this);
    this.forget();
  }

  *#read(): Generator<undefined, ListedNames> {
    const after = this.#last;
    const limit = after === undefined ? Number.POSITIVE_INFINITY : NAMES_READ_AGAIN;
    const held = yield* readNames(this.#directory.open(), this.#request, { after, limit });
    this.#held = held;
    this.#at = 0;
    this.#bytes = held.partials.size * PARTIAL_BYTES;
    for (const name of held.names) this.#bytes += name.length + NAME_OVERHEAD_BYTES;
    return held;
  }
}
