const LF = 0x0a;
const CR = 0x0d;
const IAC = 0xff;
const FIRST_TELNET_COMMAND = 0xf0;
const DATA_MARK = 0xf2;
const WILL = 0xfb;
const MAX_LINE_OCTETS = 4096;
const MAX_UNENDED_OCTETS = 64 * 1024;

type Meaning = 'CR' | 'IAC' | 'Telnet command' | 'Telnet option';

/** How many replies the octets of a control connection must get, counted without the server's code. */
export class ExpectedReplies {
  /** The greeting is one. */
  count = 1;
  #lineOctets = 0;
  #isEmpty = true;
  /** Octets that the one before gives a meaning of their own. */
  #before: Meaning | undefined;
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
      this.#before = undefined;
      return;
    }
    this.#before = this.#meaning(octet);
    this.#lineOctets += 1;
    if (this.#lineOctets === MAX_LINE_OCTETS) this.count += 1;
    if (this.#lineOctets > MAX_UNENDED_OCTETS) {
      this.#isEndless = true;
      this.count += 1;
    }
  }

  /** CR is a part of the text unless LF follows. IAC begins a Telnet command (RFC 854), which is none. */
  #meaning(octet: number): Meaning | undefined {
    const before = this.#before;
    if (before === 'CR') this.#isEmpty = false;
    if (before === 'Telnet option') return undefined;
    if (before === 'Telnet command' && octet === DATA_MARK) return undefined;
    if (before === 'IAC' && octet >= FIRST_TELNET_COMMAND && octet !== IAC) {
      return octet >= WILL ? 'Telnet option' : 'Telnet command';
    }
    if (octet === CR) return 'CR';
    if (octet === IAC && before !== 'IAC') return 'IAC';
    this.#isEmpty = false;
    return undefined;
  }
}
