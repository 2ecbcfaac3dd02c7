/** Longer lines of a listing are dropped. */
const LONGEST_LINE = 16 * 1024;

/** A line of a listing, without its end. */
export interface ListingLine {
  readonly text: string;
  /** What is not UTF-8 is taken for Latin-1. */
  readonly encoding: 'utf8' | 'latin1';
}

/** Cuts octets into lines as they arrive. */
export class LineCutter {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #rest: Buffer = EMPTY;
  #isSkipping = false;

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
      if (isWhole) yield this.#decode(line);
    }
    this.#keep(octets.subarray(start));
  }

  /** What comes after the last line end. */
  *end(): Generator<ListingLine> {
    if (this.#rest.length > 0 && !this.#isSkipping) yield this.#decode(this.#rest);
    this.#rest = EMPTY;
  }

  #keep(octets: Buffer): void {
    if (this.#isSkipping || octets.length === 0) return;
    this.#isSkipping = this.#rest.length + octets.length > LONGEST_LINE;
    this.#rest = this.#isSkipping ? EMPTY : Buffer.concat([this.#rest, octets]);
  }

  #decode(line: Buffer): ListingLine {
    const octets = line.at(-1) === 13 ? line.subarray(0, -1) : line;
    try {
      return { text: this.#utf8.decode(octets), encoding: 'utf8' };
    } catch {
      return { text: octets.toString('latin1'), encoding: 'latin1' };
    }
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
