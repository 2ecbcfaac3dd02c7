import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Characters that every terminal draws one column wide: ASCII, box drawing, blocks, the ellipsis. */
const sameEverywhere = /^[\x20-\x7e\u2500-\u259f\u2026]*$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a style looks like
const styles = /\x1b\[[\d;:]*m/g;

/**
 * A row in which the cursor's column is set after each character on whose width terminals differ, so that one odd name
 * cannot shift the border. Takes styles (SGR) and printable text only.
 */
export function anchored(row: string): string {
  if (sameEverywhere.test(row)) return row;
  const writer = new AnchoredRow();
  let last = 0;
  for (const match of row.matchAll(styles)) {
    writer.addText(row.slice(last, match.index));
    writer.addStyle(match[0]);
    last = match.index + match[0].length;
  }
  writer.addText(row.slice(last));
  return writer.written;
}

class AnchoredRow {
  written = '';
  #column = 1;
  #isUnsure = false;

  addStyle(style: string): void {
    this.written += style;
  }

  addText(text: string): void {
    if (text === '') return;
    if (sameEverywhere.test(text)) {
      this.#add(text, text.length);
      return;
    }
    for (const { segment } of graphemes.segment(text)) {
      const isSure = sameEverywhere.test(segment);
      this.#add(segment, isSure ? segment.length : stringWidth(segment));
      this.#isUnsure = !isSure;
    }
  }

  #add(text: string, width: number): void {
    if (this.#isUnsure) this.written += `\x1b[${this.#column}G`;
    this.written += text;
    this.#column += width;
    this.#isUnsure = false;
  }
}
