import { isUtf8 } from 'node:buffer';

/** Stands for one octet of 80 to FF that is no UTF-8; such a character never comes out of UTF-8. */
const ESCAPED_OCTET = /[\uDC80-\uDCFF]/u;

const ESCAPE_BASE = 0xdc00;

const MAX_SEQUENCE = 4;

/**
 * A name on disk as text. Octets that are not UTF-8 become lone surrogates (U+DC80 to U+DCFF), so that
 * `diskPath` finds the same file again: nothing is replaced or lost.
 */
export function nameFromDisk(octets: Buffer): string {
  if (isUtf8(octets)) return octets.toString();
  let name = '';
  for (let at = 0; at < octets.length; ) {
    const length = sequenceLength(octets, at);
    name +=
      length === 0
        ? String.fromCharCode(ESCAPE_BASE + (octets[at] ?? 0))
        : octets.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return name;
}

/** What to hand to the disk for a path that is made of such names. */
export function diskPath(path: string): string | Buffer {
  if (!ESCAPED_OCTET.test(path)) return path;
  const parts = Array.from(path, (character) =>
    ESCAPED_OCTET.test(character)
      ? Buffer.of(character.charCodeAt(0) - ESCAPE_BASE)
      : Buffer.from(character),
  );
  return Buffer.concat(parts);
}

/** Whether a name or path on disk can be sent to a server: UTF-8 (RFC 2640) without line breaks. */
export function isSendableName(name: string): boolean {
  return !ESCAPED_OCTET.test(name) && !/[\r\n]/.test(name);
}

/** Of the character that starts here; 0 if none does. */
function sequenceLength(octets: Buffer, at: number): number {
  for (let length = 1; length <= MAX_SEQUENCE && at + length <= octets.length; length++) {
    if (isUtf8(octets.subarray(at, at + length))) return length;
  }
  return 0;
}
