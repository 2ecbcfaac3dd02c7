/** Names remembered for a site. */
const NAMES_AT_MOST = 100_000;

/**
 * How names are written in commands: in UTF-8, unless a listing has shown one that is not. That one is
 * Latin-1 for us, and goes back to the server as it came.
 */
export class NameEncoding {
  readonly #latin1 = new Set<string>();

  /** Of a name that was not UTF-8. */
  remember(name: string): void {
    if (this.#latin1.size < NAMES_AT_MOST) this.#latin1.add(name);
  }

  encode(command: string): Buffer {
    if (this.#latin1.size === 0) return Buffer.from(command, 'utf8');
    const parts = command.split('/').map((part) => this.#encodePart(part));
    return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [SLASH, part])));
  }

  /** The octet 255 begins a Telnet command, unless it is doubled (RFC 854). */
  #encodePart(part: string): Buffer {
    if (!this.#latin1.has(part)) return Buffer.from(part, 'utf8');
    return Buffer.from(part.replaceAll('\u00ff', '\u00ff\u00ff'), 'latin1');
  }
}

const SLASH = Buffer.from('/');
