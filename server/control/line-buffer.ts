/** The longest command line, in octets, its line end included. */
export const MAX_LINE_OCTETS = 4096;

/** A line that has not ended after so many octets never will. */
export const MAX_UNENDED_OCTETS = 64 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * What arrived: a command line without its line end, a line that was too long and has been dropped
 * (`'too long'`), or a stream that does not end its line (`'endless'`), after which nothing more is read.
 */
export type ReceivedLine = Buffer | 'too long' | 'endless';

/** Cuts what arrives on the control connection into lines. CRLF ends a line; a bare LF does too. */
export class LineBuffer {
  #pending: Buffer | undefined;
  /** The last line was handed out before its LF came, if one comes. */
  #isLineFeedDue = false;
  /** Octets of a line that is being dropped; 0 while none is. */
  #droppedOctets = 0;

  /** Whether a line has begun and not ended. */
  get hasBegunLine(): boolean {
    return this.#pending !== undefined || this.#droppedOctets > 0;
  }

  push(chunk: Buffer): readonly ReceivedLine[] {
    const lines: ReceivedLine[] = [];
    let start = this.#isLineFeedDue && chunk[0] === LF ? 1 : 0;
    this.#isLineFeedDue = false;
    let end = chunk.indexOf(LF, start);
    while (end !== -1) {
      lines.push(...this.#endLine(chunk.subarray(start, end)));
      start = end + 1;
      end = chunk.indexOf(LF, start);
    }
    if (start < chunk.length) lines.push(...this.#keep(chunk.subarray(start)));
    return lines;
  }

  #endLine(tail: Buffer): readonly ReceivedLine[] {
    if (this.#droppedOctets > 0) {
      const outcome = this.#drop(tail.length);
      this.#droppedOctets = 0;
      return outcome;
    }
    const line = this.#pending === undefined ? tail : Buffer.concat([this.#pending, tail]);
    this.#pending = undefined;
    if (line.length > MAX_UNENDED_OCTETS) return ['too long', 'endless'];
    if (line.length >= MAX_LINE_OCTETS) return ['too long'];
    return [line.at(-1) === CR ? line.subarray(0, -1) : line];
  }

  #keep(tail: Buffer): readonly ReceivedLine[] {
    if (this.#droppedOctets > 0) return this.#drop(tail.length);
    const line = this.#pending === undefined ? tail : Buffer.concat([this.#pending, tail]);
    if (isUrgentAbort(line)) {
      this.#pending = undefined;
      this.#isLineFeedDue = true;
      return [line.subarray(0, -1)];
    }
    if (line.length < MAX_LINE_OCTETS) {
      // A copy: the chunk is a window into a much larger receive buffer.
      this.#pending = Buffer.from(line);
      return [];
    }
    this.#pending = undefined;
    return ['too long', ...this.#drop(line.length)];
  }

  #drop(octets: number): readonly ReceivedLine[] {
    this.#droppedOctets += octets;
    return this.#droppedOctets > MAX_UNENDED_OCTETS ? ['endless'] : [];
  }
}

/**
 * ABOR without its LF. Python's ftplib sends the line as urgent data, of which the system takes out the
 * last octet.
 */
function isUrgentAbort(line: Buffer): boolean {
  return line.length === 5 && line.at(-1) === CR && /^ABOR/i.test(line.toString('latin1'));
}
