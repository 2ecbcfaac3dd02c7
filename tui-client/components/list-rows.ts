import { displayName } from '../text/format.ts';
import { cutEnd, padEnd, widthOf } from '../text/text-width.ts';
import { paintRow, type Span } from './spans.ts';
import type { Theme } from './theme.ts';

export interface ListProps {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  /** All items; each has its columns. */
  readonly items: readonly { readonly columns: readonly string[] }[];
  /** Index of the item on top. */
  readonly top: number;
  /** Index of the chosen item; undefined if the list is not in front. */
  readonly cursor: number | undefined;
  /** Said where there are no items. */
  readonly empty: string;
}

const GAP = 2;
const MAX_WIDTH_SHARE = 0.6;

/** The part of a list that is on the screen, its columns below each other. The last column takes what is left. */
export function listRows(props: ListProps): readonly string[] {
  const { theme, width, height, items, top, cursor, empty } = props;
  const shown = items.slice(top, top + height);
  const widths = columnWidths(shown, width);
  return Array.from({ length: height }, (_, index) => {
    const item = shown[index];
    if (item === undefined) {
      const text = index === 0 && items.length === 0 ? `  ${empty}` : '';
      return paintRow(theme, [['dim', text]], { width });
    }
    const isChosen = top + index === cursor;
    const sign = isChosen ? theme.signs.pointer : ' ';
    const cells = item.columns.map((text, column): Span => {
      const shownText = displayName(text);
      const columnWidth = widths[column];
      if (columnWidth === undefined) return shownText;
      return padEnd(cutEnd(shownText, columnWidth - GAP, theme.signs.cut), columnWidth);
    });
    return paintRow(theme, [sign, ...cells], { width, base: isChosen ? 'cursor' : 'plain' });
  });
}

/** Of all columns but the last: as wide as the widest text, at most the greater part of the list. */
function columnWidths(
  items: readonly { readonly columns: readonly string[] }[],
  width: number,
): readonly number[] {
  const count = items.reduce((most, { columns }) => Math.max(most, columns.length - 1), 0);
  return Array.from({ length: count }, (_, column) => {
    const widest = items.reduce(
      (most, { columns }) => Math.max(most, widthOf(displayName(columns[column] ?? ''))),
      0,
    );
    return Math.min(widest + GAP, Math.floor(width * MAX_WIDTH_SHARE));
  });
}
