import { Failure } from '../../errors/failure.ts';
import type { Charset } from './charset.ts';

/** Whether a name is in the encoding of the site. */
export type NameCoding = 'known' | 'latin1';

/** Paths remembered for a site. */
const MAX_PATHS = 100_000;

/**
 * How names are written in commands: in UTF-8 or the site's encoding, unless a listing has shown one that is not.
 * That one is Latin-1 for us, and goes back to the server as it came.
 */
export class NameEncoding {
  /** Undefined for UTF-8. */
  readonly charset: Charset | undefined;
  /** Paths whose last name is Latin-1: another directory may have the same name in UTF-8. */
  readonly #latin1 = new Set<string>();

  constructor(charset?: Charset) {
    this.charset = charset;
  }

  /** How a listing has shown the last name of a path. */
  remember(path: string, encoding: NameCoding): void {
    if (encoding === 'known') this.#latin1.delete(path);
    else if (this.#latin1.size < MAX_PATHS) this.#latin1.add(path);
  }

  /** @throws Failure if the site's encoding lacks a character. */
  encode(command: string): Buffer {
    if (this.charset === undefined && this.#latin1.size === 0) return Buffer.from(command, 'utf8');
    let path = '';
    const parts = command.split('/').map((part, at) => {
      if (at > 0 && part !== '') path += `/${part}`;
      return this.#encodePart(part, at > 0 && this.#latin1.has(path) ? 'latin1' : 'known');
    });
    return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [SLASH, part])));
  }

  /** What a server has sent that says nothing of its encoding: a line of a listing, or a reply. */
  decode(octets: Buffer): { readonly text: string; readonly encoding: NameCoding } {
    const text = this.charset === undefined ? decodedUtf8(octets) : this.charset.decode(octets);
    if (text !== undefined) return { text, encoding: 'known' };
    return { text: octets.toString('latin1'), encoding: 'latin1' };
  }

  #encodePart(part: string, encoding: NameCoding): Buffer {
    if (encoding === 'latin1') return doubled(Buffer.from(part, 'latin1'));
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
