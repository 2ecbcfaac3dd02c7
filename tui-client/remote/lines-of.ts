/** Longer lines of a listing are dropped. */
const LONGEST_LINE = 16 * 1024;

/** Cuts octets into lines as they arrive. A line that is not UTF-8 is taken for Latin-1. */
export class LineCutter {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #rest: Buffer = Buffer.alloc(0);
  #isSkipping = false;

  /** The lines that are whole now, without their ends. */
  *push(octets: Buffer): Generator<string> {
    let start = 0;
    for (let end = octets.indexOf(10); end !== -1; end = octets.indexOf(10, start)) {
      const part = octets.subarray(start, end);
      const line = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
      this.#rest = EMPTY;
      start = end + 1;
      if (!this.#isSkipping && line.length <= LONGEST_LINE) yield this.#decode(line);
      this.#isSkipping = false;
    }
    this.#keep(octets.subarray(start));
  }

  /** What comes after the last line end. */
  end(): string | undefined {
    const rest = this.#rest;
    this.#rest = EMPTY;
    return rest.length === 0 || this.#isSkipping ? undefined : this.#decode(rest);
  }

  #keep(octets: Buffer): void {
    if (this.#isSkipping || octets.length === 0) return;
    this.#rest = Buffer.concat([this.#rest, octets]);
    if (this.#rest.length <= LONGEST_LINE) return;
    this.#rest = EMPTY;
    this.#isSkipping = true;
  }

  #decode(line: Buffer): string {
    const octets = line.at(-1) === 13 ? line.subarray(0, -1) : line;
    try {
      return this.#utf8.decode(octets);
    } catch {
      return octets.toString('latin1');
    }
  }
}

const EMPTY = Buffer.alloc(0);
