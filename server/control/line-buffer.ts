/** The longest command line, in octets, its line end included. */
export const MAX_LINE_OCTETS = 4096;

/** A stream without a line end in this many octets is not a client's. */
export const MAX_UNENDED_OCTETS = 64 * 1024;

/** Memory that a chunk costs beside its octets, so that many tiny chunks count as what they are. */
const CHUNK_OVERHEAD_BYTES = 256;

const LF = 0x0a;
const CR = 0x0d;

/**
 * A command line without its line end; `'too long'` for a line that was dropped; `'endless'` for a stream without line
 * ends, after which nothing more is read.
 */
export type ReceivedLine = Buffer | 'too long' | 'endless';

/**
 * Holds what has arrived on the control connection and cuts one line at a time from it, when it is wanted. CRLF
 * ends a line; a bare LF does too. No step takes time that grows with what is held.
 */
export class LineBuffer {
  /** Received and not yet looked at, from `#first` on. */
  readonly #chunks: Buffer[] = [];
  #first = 0;
  /** Offset in the first chunk. */
  #start = 0;
  #heldBytes = 0;
  #receivedChunks = 0;
  #chunkOfLine = 0;
  /** The beginning of a line. */
  #pending: Buffer | undefined;
  /** The last line was handed out before its LF came, if one comes. */
  #isLineFeedDue = false;
  /** Octets of a line that is being dropped; 0 while none is. */
  #droppedOctets = 0;
  /** Follows `'too long'`. */
  #isEndlessDue = false;

  /** Whether every octet has been returned by `next`. */
  get isEmpty(): boolean {
    return !this.hasMore && this.#pending === undefined && this.#droppedOctets === 0;
  }

  /** Whether `next` has octets to look at. */
  get hasMore(): boolean {
    return this.#first < this.#chunks.length || this.#isEndlessDue;
  }

  /** Memory of what has not been looked at. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Number of chunks that have been received. */
  get receivedChunks(): number {
    return this.#receivedChunks;
  }

  /** Number, from 1 on, of the chunk in which the line ended that was handed out last. */
  get chunkOfLine(): number {
    return this.#chunkOfLine;
  }

  push(chunk: Buffer): void {
    this.#receivedChunks += 1;
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length + CHUNK_OVERHEAD_BYTES;
  }

  /** The next line; undefined if none has ended yet. */
  next(): ReceivedLine | undefined {
    if (this.#isEndlessDue) {
      this.#isEndlessDue = false;
      return 'endless';
    }
    for (
      let chunk = this.#chunks[this.#first];
      chunk !== undefined;
      chunk = this.#chunks[this.#first]
    ) {
      this.#chunkOfLine = this.#receivedChunks - (this.#chunks.length - 1 - this.#first);
      const line = this.#lineFrom(chunk);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.#chunks.length = 0;
    this.#first = 0;
    this.#start = 0;
    this.#heldBytes = 0;
    this.#pending = undefined;
    this.#droppedOctets = 0;
    this.#isEndlessDue = false;
  }

  #lineFrom(chunk: Buffer): ReceivedLine | undefined {
    if (this.#isLineFeedDue && chunk[this.#start] === LF) this.#start += 1;
    this.#isLineFeedDue = false;
    const start = this.#start;
    const end = chunk.indexOf(LF, start);
    if (end === -1) {
      this.#dropChunk(chunk);
      return start < chunk.length ? this.#keep(chunk.subarray(start)) : undefined;
    }
    this.#start = end + 1;
    if (this.#start === chunk.length) this.#dropChunk(chunk);
    return this.#endLine(chunk.subarray(start, end));
  }

  #dropChunk(chunk: Buffer): void {
    this.#heldBytes -= chunk.length + CHUNK_OVERHEAD_BYTES;
    this.#start = 0;
    this.#first += 1;
    if (this.#first < this.#chunks.length) return;
    this.#chunks.length = 0;
    this.#first = 0;
  }

  #endLine(tail: Buffer): ReceivedLine | undefined {
    if (this.#droppedOctets > 0) {
      const outcome = this.#drop(tail.length);
      this.#droppedOctets = 0;
      return outcome;
    }
    const line = this.#pending === undefined ? tail : Buffer.concat([this.#pending, tail]);
    this.#pending = undefined;
    this.#isEndlessDue = line.length > MAX_UNENDED_OCTETS;
    if (line.length >= MAX_LINE_OCTETS) return 'too long';
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  }

  #keep(tail: Buffer): ReceivedLine | undefined {
    if (this.#droppedOctets > 0) return this.#drop(tail.length);
    const line = this.#pending === undefined ? tail : Buffer.concat([this.#pending, tail]);
    if (isUrgentAbort(line)) {
      this.#pending = undefined;
      this.#isLineFeedDue = true;
      return line.subarray(0, -1);
    }
    if (line.length < MAX_LINE_OCTETS) {
      // A copy: the chunk is a window into a much larger receive buffer.
      this.#pending = Buffer.from(line);
      return undefined;
    }
    this.#pending = undefined;
    this.#isEndlessDue = this.#drop(line.length) === 'endless';
    return 'too long';
  }

  #drop(octets: number): ReceivedLine | undefined {
    this.#droppedOctets += octets;
    return this.#droppedOctets > MAX_UNENDED_OCTETS ? 'endless' : undefined;
  }
}

/**
 * ABOR without its LF. Python's ftplib sends the line as urgent data, of which the system takes out the
 * last octet.
 */
function isUrgentAbort(line: Buffer): boolean {
  return line.length === 5 && line.at(-1) === CR && /^ABOR/i.test(line.toString('latin1'));
}
