/** Where the second octet of a character of two begins. */
const FIRST_TRAIL = 0x40;
/** Of EUC-JP: two octets follow. */
const LEAD_OF_THREE = 0x8f;

/** Encodings whose octets below 128 do not always mean ASCII. */
const UNFIT = /^(utf-16|iso-2022|replacement|x-user-defined)/;

/** The standard name of an encoding; undefined if it is not known, or no names can be written in it. */
export function charsetName(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return UNFIT.test(encoding) ? undefined : encoding;
  } catch {
    return undefined;
  }
}

/** An encoding of names other than UTF-8. It is written as the inverse of what `TextDecoder` reads. */
export class Charset {
  readonly name: string;
  readonly #strict: InstanceType<typeof TextDecoder>;
  #octets: ReadonlyMap<string, Buffer> | undefined;

  constructor(name: string) {
    this.name = name;
    this.#strict = new TextDecoder(name, { fatal: true });
  }

  /** Undefined if the octets are no text of this encoding, or would not be written in the same way. */
  decode(octets: Buffer): string | undefined {
    try {
      const text = this.#strict.decode(octets);
      return this.encode(text)?.equals(octets) ? text : undefined;
    } catch {
      return undefined;
    }
  }

  /** Undefined if the encoding lacks a character. */
  encode(text: string): Buffer | undefined {
    if (isAscii(text)) return Buffer.from(text, 'latin1');
    this.#octets ??= octetsOfCharacters(this.name);
    const parts: Buffer[] = [];
    for (const character of text) {
      const octets = this.#octets.get(character);
      if (octets === undefined) return undefined;
      parts.push(octets);
    }
    return Buffer.concat(parts);
  }
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  return /^[\u0000-\u007f]*$/.test(text);
}

/** Of each character that has one to three octets, the first octets that mean it. */
function octetsOfCharacters(name: string): ReadonlyMap<string, Buffer> {
  const decoder = new TextDecoder(name);
  const table = new Map<string, Buffer>();
  const add = (...octets: readonly number[]): boolean => {
    const buffer = Buffer.from(octets);
    const text = decoder.decode(buffer);
    const isCharacter = [...text].length === 1 && text !== '\ufffd';
    if (isCharacter && !table.has(text)) table.set(text, buffer);
    return isCharacter;
  };
  for (let lead = 0; lead < 256; lead += 1) {
    if (add(lead)) continue;
    for (let trail = FIRST_TRAIL; trail < 256; trail += 1) {
      if (add(lead, trail) || lead !== LEAD_OF_THREE) continue;
      for (let last = 0xa1; last < 255; last += 1) add(lead, trail, last);
    }
  }
  return table;
}
