const LF = 0x0a;
const CR = 0x0d;
const MAX_LINE_OCTETS = 4096;
const MAX_UNENDED_OCTETS = 64 * 1024;

/** How many replies the octets of a control connection must get, counted without the server's code. */
export class ExpectedReplies {
  /** The greeting is one. */
  count = 1;
  #lineOctets = 0;
  #isEmpty = true;
  #isEndless = false;

  /** Whether the server closes the connection, because a line did not end. */
  get isEndless(): boolean {
    return this.#isEndless;
  }

  push(octets: Uint8Array): void {
    for (const octet of octets) this.#octet(octet);
  }

  /** A line that is too long gets its reply early, and none at its end; an empty one gets none. */
  #octet(octet: number): void {
    if (this.#isEndless) return;
    if (octet === LF) {
      if (this.#lineOctets < MAX_LINE_OCTETS && !this.#isEmpty) this.count += 1;
      this.#lineOctets = 0;
      this.#isEmpty = true;
      return;
    }
    if (octet !== CR || this.#lineOctets > 0) this.#isEmpty = false;
    this.#lineOctets += 1;
    if (this.#lineOctets === MAX_LINE_OCTETS) this.count += 1;
    if (this.#lineOctets > MAX_UNENDED_OCTETS) {
      this.#isEndless = true;
      this.count += 1;
    }
  }
}
