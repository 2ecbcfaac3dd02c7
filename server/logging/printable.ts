/** Control characters, and those that turn the direction of the text, are invisible or end a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Nearly every text has no others, and a look at this costs little. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Escapes characters that could control the reader's terminal, because clients choose names. The escapes are those of
 * JSON, and JSON text keeps its meaning.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
