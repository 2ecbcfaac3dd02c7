/**
 * A name as its bytes on disk, one character (U+0000 to U+00FF) for each.
 *
 * Disks hold names that are not UTF-8. In this form none is damaged on its way to the client, JavaScript's
 * own order of strings is the order of bytes, and a listing is encoded by copying.
 */
export type ByteName = string;

/** Any character that is not ASCII. */
const NOT_ASCII = /[\u0080-\uffff]/;

export function isAscii(name: ByteName): boolean {
  return !NOT_ASCII.test(name);
}

export function byteName(name: string): ByteName {
  return NOT_ASCII.test(name) ? Buffer.from(name, 'utf8').toString('latin1') : name;
}

/** The name as text; bytes that are not UTF-8 become U+FFFD. */
export function nameText(name: ByteName): string {
  return NOT_ASCII.test(name) ? Buffer.from(name, 'latin1').toString('utf8') : name;
}
