/** Characters that take two cells of a terminal: those of East Asia, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Marks that are drawn over the character before them. */
const NO_CELL = /^(?:\p{Mark}|\p{Format})/u;

/** Cells that a text takes. */
export function widthOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** A text in exactly this number of cells: cut with an ellipsis, or filled with blanks. */
export function fitted(text: string, cells: number): string {
  const width = widthOf(text);
  if (width <= cells) return text + ' '.repeat(cells - width);
  if (cells <= 0) return '';
  let kept = '';
  let left = cells - 1;
  for (const character of text) {
    left -= cellsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…${' '.repeat(Math.max(0, cells - 1 - widthOf(kept)))}`;
}

/** The same, at the right edge. */
export function flushedRight(text: string, cells: number): string {
  const width = widthOf(text);
  return width <= cells ? ' '.repeat(cells - width) + text : fitted(text, cells);
}

function cellsOf(character: string): number {
  if (NO_CELL.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
