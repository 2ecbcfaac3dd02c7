/** Lays rows out in columns; columns of numbers are recognised by their first row and flushed right. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return new TextTable(headings).page(rows);
}

/** A table that is written a page at a time. Columns may become wider from page to page, never narrower. */
export class TextTable {
  #headings: readonly string[] | undefined;
  #widths: readonly number[];
  #isNumeric: readonly boolean[] = [];

  constructor(headings: readonly string[]) {
    this.#headings = headings;
    this.#widths = headings.map(() => 0);
  }

  /** The next rows as lines; the first page begins with the headings. */
  page(rows: readonly (readonly string[])[]): string {
    const headings = this.#headings;
    const all = headings === undefined ? rows : [headings, ...rows];
    if (headings !== undefined) {
      this.#isNumeric = headings.map((_, column) => /^\d/.test(rows[0]?.[column] ?? ''));
    }
    this.#headings = undefined;
    this.#widths = this.#widths.map((width, column) =>
      all.reduce((most, row) => Math.max(most, (row[column] ?? '').length), width),
    );
    return all.map((row) => `${this.#line(row)}\n`).join('');
  }

  #line(row: readonly string[]): string {
    const cells = row.map((cell, column) => {
      const width = this.#widths[column] ?? 0;
      return this.#isNumeric[column] === true ? cell.padStart(width) : cell.padEnd(width);
    });
    return cells.join('  ').trimEnd();
  }
}

/** Lays out what is known of one thing, a line each. */
export function textFacts(facts: readonly (readonly [string, string])[]): string {
  const width = facts.reduce((most, [title]) => Math.max(most, title.length), 0);
  return `${facts.map(([title, text]) => `${title.padEnd(width)}  ${text}`).join('\n')}\n`;
}

/** A moment for the eye, in local time, to the minute. */
export function momentText(ms: number | undefined): string {
  if (ms === undefined) return 'never';
  const moment = new Date(ms);
  const local = new Date(ms - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16).replace('T', ' ');
}
