import { type ReactElement, useMemo } from 'react';
import { type Context, type Keymap, keyLabel } from '../input/keymap.ts';
import { Painted } from './painted.tsx';
import { paintRow, type Span, spansWidth } from './spans.ts';
import type { Theme } from './theme.ts';

/** A key and the word beside it. */
export interface FooterItem {
  /** As the keymap names it. */
  readonly key: string;
  readonly label: string;
}

export interface FooterProps {
  readonly theme: Theme;
  readonly width: number;
  readonly items: readonly FooterItem[];
}

const functionKey = /^f(\d+)$/;
/** Letters that a word keeps. */
const MIN_WORD = 3;

/** The last row: the keys of the moment. */
export function Footer(props: FooterProps): ReactElement {
  const rows = useMemo(() => [footerRow(props)], [props]);
  return <Painted rows={rows} width={props.width} />;
}

/** What the footer shows in a context: letters in the order of the keymap, then function keys by number. */
export function footerItems(keymap: Keymap, context: Context): readonly FooterItem[] {
  const items = keymap.entriesFor(context).flatMap(({ keys, label }) => {
    const [key] = keys;
    return key === undefined || label === undefined ? [] : [{ key, label }];
  });
  return items.sort((one, other) => numberOf(one) - numberOf(other));
}

/** Gaps become narrower, then words shorter, before keys are cut off. */
export function footerRow({ theme, width, items }: FooterProps): string {
  const longest = Math.max(0, ...items.map(({ label }) => label.length));
  const wide = footerSpans(items, { mostLetters: longest, gap: '  ' });
  if (spansWidth(wide) <= width) return paintRow(theme, wide, { width });
  for (let mostLetters = longest; mostLetters > MIN_WORD; mostLetters--) {
    const spans = footerSpans(items, { mostLetters, gap: ' ' });
    if (spansWidth(spans) <= width) return paintRow(theme, spans, { width });
  }
  return paintRow(theme, footerSpans(items, { mostLetters: MIN_WORD, gap: ' ' }), { width });
}

function footerSpans(
  items: readonly FooterItem[],
  { mostLetters, gap }: { readonly mostLetters: number; readonly gap: string },
): readonly Span[] {
  return items.flatMap((item, index): Span[] => {
    const number = functionKey.exec(item.key)?.[1];
    const word = item.label.slice(0, mostLetters).trimEnd();
    const isAfterWord = index > 0 && !functionKey.test(items[index - 1]?.key ?? '');
    const before = isAfterWord ? gap : ' ';
    if (number !== undefined) return [before, ['key', number], word];
    return [before, ['key', keyLabel(item.key)], ` ${word}`];
  });
}

function numberOf({ key }: FooterItem): number {
  return Number(functionKey.exec(key)?.[1] ?? 0);
}
