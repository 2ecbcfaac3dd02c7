/** A reply as it came; preliminary ones (1yz) announce another. */
export interface StrictReply {
  readonly code: number;
  readonly text: string;
}

const CODE = /^([1-6]\d\d)([ -])/;

/**
 * Reads replies and tolerates nothing (RFC 959 §4.2): every line ends in CRLF, begins with a code or lies
 * inside a reply of several lines, and holds no CR, LF or NUL.
 */
export class ReplyReader {
  readonly replies: StrictReply[] = [];
  /** What was wrong with the octets so far. */
  readonly faults: string[] = [];
  #text = '';
  #lines: string[] = [];

  push(octets: Buffer): void {
    this.#text += octets.toString('latin1');
    for (let end = this.#text.indexOf('\r\n'); end !== -1; end = this.#text.indexOf('\r\n')) {
      this.#line(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
    }
  }

  /** The connection has ended; a reply that is not complete is a fault. */
  end(): void {
    if (this.#text !== '') this.faults.push(`half a line: ${JSON.stringify(this.#text)}`);
    if (this.#lines.length > 0) this.faults.push(`half a reply: ${JSON.stringify(this.#lines)}`);
  }

  get finalReplies(): readonly StrictReply[] {
    return this.replies.filter(({ code }) => code >= 200);
  }

  #line(line: string): void {
    if (/[\r\n\0]/.test(line)) this.faults.push(`a bare CR, LF or NUL: ${JSON.stringify(line)}`);
    const [, code, separator] = CODE.exec(line) ?? [];
    if (this.#lines.length === 0 && code === undefined) {
      this.faults.push(`a line without a code: ${JSON.stringify(line)}`);
      return;
    }
    this.#lines.push(line);
    const first = this.#lines[0]?.slice(0, 3);
    if (separator === ' ' && code === first) this.#endReply(Number(code));
  }

  #endReply(code: number): void {
    this.replies.push({ code, text: this.#lines.join('\n') });
    this.#lines = [];
  }
}
