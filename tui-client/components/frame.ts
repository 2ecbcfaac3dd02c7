import { cutEnd, cutStart, widthOf } from '../text/text-width.ts';
import { paintRow, type Span, spansWidth } from './spans.ts';
import type { Role, Theme } from './theme.ts';

interface FrameShape {
  readonly width: number;
  readonly border: Role;
  readonly title: string;
  readonly titleRole: Role;
  /** At the right end of the upper border. */
  readonly note?: string | undefined;
  /** At the left end of the lower border. */
  readonly bottom?: readonly Span[] | undefined;
  /** Which end of a title that is too long is shown. */
  readonly titleEnd?: 'start' | 'end' | undefined;
}

/** Columns for what is inside a frame. */
export function insideFrame(width: number): number {
  return Math.max(0, width - 2);
}

/** Draws a border around rows that are `insideFrame(width)` wide. */
export function frameRows(
  theme: Theme,
  shape: FrameShape,
  body: readonly string[],
): readonly string[] {
  const side = theme.paint(shape.border, theme.borders.vertical);
  return [
    upperBorder(theme, shape),
    ...body.map((row) => `${side}${row}${side}`),
    lowerBorder(theme, shape),
  ];
}

function upperBorder(theme: Theme, shape: FrameShape): string {
  const { topLeft, topRight, horizontal } = theme.borders;
  const width = insideFrame(shape.width);
  const note = shape.note ? ` ${cutEnd(shape.note, Math.max(0, width - 4))} ` : '';
  const cut = shape.titleEnd === 'end' ? cutStart : cutEnd;
  const titleWidth = Math.max(0, width - widthOf(note) - 3);
  const title = cut(shape.title, titleWidth, theme.signs.cut);
  const named = title === '' ? '' : ` ${title} `;
  const line = horizontal.repeat(Math.max(0, width - widthOf(named) - widthOf(note)));
  const spans: Span[] = [
    [shape.border, topLeft],
    [shape.titleRole, named],
    [shape.border, `${line}${note}${topRight}`],
  ];
  return paintRow(theme, spans, { width: shape.width });
}

function lowerBorder(theme: Theme, { width, border, bottom = [] }: FrameShape): string {
  const { bottomLeft, bottomRight, horizontal } = theme.borders;
  const spans = spansWidth(bottom) > 0 ? [' ', ...bottom, ' '] : [];
  const used = spansWidth(spans);
  const inside = insideFrame(width);
  const text = paintRow(theme, spans, { width: Math.min(used, inside) });
  const line = horizontal.repeat(Math.max(0, inside - used));
  return `${theme.paint(border, bottomLeft)}${text}${theme.paint(border, line + bottomRight)}`;
}
