import type { NameCoding, NameEncoding } from '../connection/name-encoding.ts';

/** Longer lines of a listing are cut, and no entry. */
const LONGEST_LINE = 16 * 1024;

/** What is kept of a line that is too long. */
const SHOWN_BYTES = 100;

/** A line of a listing, without its end. */
export interface ListingLine {
  readonly text: string;
  /** What is not in the encoding of the site is taken for Latin-1. */
  readonly encoding: NameCoding;
  /** False if its end has not come, or it is too long. */
  readonly isWhole: boolean;
}

/** Cuts octets into lines as they arrive. */
export class LineCutter {
  readonly #names: NameEncoding;
  #rest: Buffer = EMPTY;
  #isSkipping = false;

  constructor(names: NameEncoding) {
    this.#names = names;
  }

  /** The lines that are whole now. */
  *push(octets: Buffer): Generator<ListingLine> {
    let start = 0;
    for (let end = octets.indexOf(10); end !== -1; end = octets.indexOf(10, start)) {
      const part = octets.subarray(start, end);
      const line = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
      this.#rest = EMPTY;
      start = end + 1;
      const isWhole = !this.#isSkipping && line.length <= LONGEST_LINE;
      this.#isSkipping = false;
      yield { ...this.#decode(isWhole ? line : line.subarray(0, SHOWN_BYTES)), isWhole };
    }
    this.#keep(octets.subarray(start));
  }

  /** What comes after the last line end. */
  *end(): Generator<ListingLine> {
    if (this.#rest.length > 0) yield { ...this.#decode(this.#rest), isWhole: false };
    this.#rest = EMPTY;
  }

  #decode(line: Buffer): Pick<ListingLine, 'text' | 'encoding'> {
    return this.#names.decode(line.at(-1) === 13 ? line.subarray(0, -1) : line);
  }

  #keep(octets: Buffer): void {
    if (this.#isSkipping || octets.length === 0) return;
    this.#rest = Buffer.concat([this.#rest, octets]);
    this.#isSkipping = this.#rest.length > LONGEST_LINE;
    if (this.#isSkipping) this.#rest = Buffer.from(this.#rest.subarray(0, SHOWN_BYTES));
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
