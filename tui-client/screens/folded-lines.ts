import { displayName } from '../text/format.ts';
import { firstColumns, widthOf } from '../text/text-width.ts';

/** Lines that are too long go on in the next row, where a word ends if there is one, indented. */
export function foldedLines(lines: readonly string[], width: number): readonly string[] {
  return lines.flatMap((line) => folded(displayName(line), Math.max(8, width)));
}

function folded(line: string, width: number): readonly string[] {
  if (widthOf(line) <= width) return [line];
  const indent = ' '.repeat(Math.min(indentOf(line), Math.floor(width / 3)));
  const rows: string[] = [];
  let rest = line;
  while (widthOf(rest) > width) {
    const most = firstColumns(rest, width);
    const lastBlank = most.lastIndexOf(' ');
    const cut = lastBlank > width / 2 ? lastBlank : most.length;
    rows.push(rest.slice(0, cut));
    rest = indent + rest.slice(cut).trimStart();
  }
  return [...rows, rest];
}

/** Below the text behind a label, as in `Size      12 bytes`. */
function indentOf(line: string): number {
  return /^\S+\s{2,}/.exec(line)?.[0].length ?? 0;
}
