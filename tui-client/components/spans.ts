import { cutEnd, widthOf } from '../text/text-width.ts';
import type { Role, Theme } from './theme.ts';

/** A piece of a row: text as it is, or in the looks of a role. */
export type Span = string | readonly [role: Role, text: string];

interface RowShape {
  readonly width: number;
  /** The looks of what has none of its own, and of the blanks up to the width. */
  readonly base?: Role | undefined;
}

/** A row of exactly `width` columns. What does not fit is cut. */
export function paintRow(
  theme: Theme,
  spans: readonly Span[],
  { width, base = 'plain' }: RowShape,
): string {
  let row = '';
  let left = width;
  for (const span of spans) {
    const [role, text] = typeof span === 'string' ? [base, span] : span;
    const shown = cutEnd(text, left, theme.signs.cut);
    row += theme.paint(role, shown);
    left -= widthOf(shown);
    if (shown !== text) break;
  }
  return row + theme.paint(base, ' '.repeat(Math.max(0, left)));
}

/** A row with a text at its right end, which shortens the left one. */
export function paintSpread(
  theme: Theme,
  { left, right }: { readonly left: readonly Span[]; readonly right: readonly Span[] },
  { width, base }: RowShape,
): string {
  const rightWidth = spansWidth(right);
  if (rightWidth >= width) return paintRow(theme, right, { width, base });
  return (
    paintRow(theme, left, { width: width - rightWidth, base }) +
    paintRow(theme, right, { width: rightWidth, base })
  );
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + widthOf(typeof span === 'string' ? span : span[1]), 0);
}
