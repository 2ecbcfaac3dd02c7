/**
 * Widths of texts on a terminal. What this needs of Unicode takes tens of milliseconds to load, so commands load it only
 * where they measure text.
 */
import stringWidth from 'string-width';
import { ascii } from './format.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The columns that a text takes. Styles (SGR) in it take none. */
export function widthOf(text: string): number {
  return ascii.test(text) ? text.length : stringWidth(text);
}

/** The beginning of an unstyled text, as much as fits. */
export function cutEnd(text: string, width: number, sign = '…'): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  return `${firstColumns(text, width - 1)}${sign}`;
}

/** The end of an unstyled text, as much as fits: for paths, whose end says most. */
export function cutStart(text: string, width: number, sign = '…'): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  return `${sign}${lastColumns(text, width - 1)}`;
}

/** Start and end of an unstyled text: for names, whose end shows the type. */
export function cutMiddle(text: string, width: number, sign = '…'): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const head = firstColumns(text, Math.ceil((width - 1) / 2));
  return `${head}${sign}${lastColumns(text, width - 1 - widthOf(head))}`;
}

/** The text with blanks behind it up to the width. Longer text stays as it is. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The text with blanks before it up to the width. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** As much from the beginning as has room. */
export function firstColumns(text: string, width: number): string {
  let taken = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    columns += widthOf(segment);
    if (columns > width) break;
    taken += segment;
  }
  return taken;
}

function lastColumns(text: string, width: number): string {
  let taken = '';
  let columns = 0;
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    columns += widthOf(segment);
    if (columns > width) break;
    taken = segment + taken;
  }
  return taken;
}
