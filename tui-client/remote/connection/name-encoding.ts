import { Failure } from '../../errors/failure.ts';
import type { Charset } from './charset.ts';

/** Names remembered for a site. */
const MAX_NAMES = 100_000;

/**
 * How names are written in commands: in UTF-8 or the site's encoding, unless a listing has shown one that is not.
 * That one is Latin-1 for us, and goes back to the server as it came.
 */
export class NameEncoding {
  /** Undefined for UTF-8. */
  readonly charset: Charset | undefined;
  readonly #latin1 = new Set<string>();

  constructor(charset?: Charset) {
    this.charset = charset;
  }

  /** Of a name that was not in the encoding. */
  remember(name: string): void {
    if (this.#latin1.size < MAX_NAMES) this.#latin1.add(name);
  }

  /** @throws Failure if the site's encoding lacks a character. */
  encode(command: string): Buffer {
    if (this.charset === undefined && this.#latin1.size === 0) return Buffer.from(command, 'utf8');
    const parts = command.split('/').map((part) => this.#encodePart(part));
    return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [SLASH, part])));
  }

  /** What a server has sent that says nothing of its encoding: a line of a listing, or a reply. */
  decode(octets: Buffer): { readonly text: string; readonly encoding: 'known' | 'latin1' } {
    const text = this.charset === undefined ? decodedUtf8(octets) : this.charset.decode(octets);
    if (text !== undefined) return { text, encoding: 'known' };
    return { text: octets.toString('latin1'), encoding: 'latin1' };
  }

  #encodePart(part: string): Buffer {
    if (this.#latin1.has(part)) return doubled(Buffer.from(part, 'latin1'));
    if (this.charset === undefined) return Buffer.from(part, 'utf8');
    const octets = this.charset.encode(part);
    if (octets !== undefined) return doubled(octets);
    throw new Failure('protocol', `"${part}" cannot be written in ${this.charset.name}.`);
  }
}

const SLASH = Buffer.from('/');

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodedUtf8(octets: Buffer): string | undefined {
  try {
    return utf8.decode(octets);
  } catch {
    return undefined;
  }
}

/** The octet 255 begins a Telnet command, unless it is doubled (RFC 854). */
function doubled(octets: Buffer): Buffer {
  if (!octets.includes(255)) return octets;
  return Buffer.from([...octets].flatMap((octet) => (octet === 255 ? [255, 255] : [octet])));
}
