/** Lays rows out in columns; columns of numbers are recognised by their first row and flushed right. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  );
  const isNumeric = headings.map((_, column) => /^\d/.test(rows[0]?.[column] ?? ''));
  const lines = all.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** Lays out what is known of one thing, a line each. */
export function textFacts(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(...facts.map(([title]) => title.length));
  return `${facts.map(([title, text]) => `${title.padEnd(width)}  ${text}`).join('\n')}\n`;
}

/** A moment for the eye, in local time, to the minute. */
export function momentText(ms: number | undefined): string {
  if (ms === undefined) return 'never';
  const moment = new Date(ms);
  const local = new Date(ms - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16).replace('T', ' ');
}
