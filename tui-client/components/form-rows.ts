import { displayName } from '../text/format.ts';
import { padEnd, widthOf } from '../text/text-width.ts';
import { paintRow, type Span } from './spans.ts';
import type { Theme } from './theme.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

interface RowBase {
  readonly theme: Theme;
  readonly width: number;
  readonly label: string;
  /** Columns for the label, so that the fields of a form stand below each other. */
  readonly labelWidth: number;
  readonly isActive: boolean;
}

export interface TextFieldProps {
  readonly text: string;
  /** Index of the character before which the next is put, in UTF-16 units. */
  readonly caret: number;
  readonly isSecret: boolean;
}

/** A line of text to fill in, with what is to be said about it. */
export function textFieldRow(
  props: RowBase & TextFieldProps & { readonly fieldWidth: number; readonly hint: string },
): string {
  const { theme, width, labelWidth, hint } = props;
  const room = Math.max(1, Math.min(props.fieldWidth, width - labelWidth - 2));
  const spans: Span[] = [...labelSpans(props), ...fieldSpans(theme, { ...props, width: room })];
  if (hint !== '') spans.push('  ', ['dim', displayName(hint)]);
  return paintRow(theme, spans, { width });
}

/** The field alone: the part of the text around the caret, exactly `width` columns. */
export function fieldSpans(
  theme: Theme,
  {
    text,
    caret,
    isSecret,
    isActive,
    width,
  }: TextFieldProps & {
    readonly isActive: boolean;
    readonly width: number;
  },
): readonly Span[] {
  const shown = (part: string) => cellsOf(part, isSecret ? theme.signs.mask : undefined);
  const before = shown(text.slice(0, caret));
  const [under = ' ', ...after] = shown(text.slice(caret));
  if (!isActive) {
    const cells = takeColumns([...shown(text)], width);
    return [['field', padEnd(cells.join(''), width)]];
  }
  const head = takeColumns(before.reverse(), width - widthOf(under))
    .reverse()
    .join('');
  const tail = takeColumns(after, width - widthOf(head) - widthOf(under)).join('');
  const rest = width - widthOf(head) - widthOf(under);
  return [
    ['fieldActive', head],
    ['textCursor', under],
    ['fieldActive', padEnd(tail, rest)],
  ];
}

/** One of a few choices. */
export function optionRow(
  props: RowBase & {
    readonly options: readonly { readonly value: string; readonly label: string }[];
    readonly value: string;
  },
): string {
  const { theme, width, options, value, isActive } = props;
  const spans = options.flatMap(({ value: own, label }): Span[] => {
    const isChosen = own === value;
    const text = `${isChosen ? theme.signs.chosen : theme.signs.notChosen} ${label}`;
    return [[isChosen && isActive ? 'buttonActive' : 'plain', text], '   '];
  });
  return paintRow(theme, [...labelSpans(props), ...spans], { width });
}

/** Something that is on or off. */
export function checkRow(props: RowBase & { readonly isChecked: boolean }): string {
  const { theme, width, label, isChecked, isActive, labelWidth } = props;
  const spans: Span[] = [
    ' '.repeat(labelWidth + 1),
    [isActive ? 'buttonActive' : 'plain', `[${isChecked ? 'x' : ' '}] ${label}`],
  ];
  return paintRow(theme, spans, { width });
}

/** Buttons beside each other. */
export function buttonRow(
  theme: Theme,
  {
    width,
    buttons,
  }: {
    readonly width: number;
    readonly buttons: readonly { readonly label: string; readonly isActive: boolean }[];
  },
): string {
  const spans = buttons.flatMap(({ label, isActive }): Span[] => [
    ' ',
    [isActive ? 'buttonActive' : 'button', `[ ${label} ]`],
    '  ',
  ]);
  return paintRow(theme, spans, { width });
}

function labelSpans({ label, labelWidth, isActive }: RowBase): readonly Span[] {
  return [' ', [isActive ? 'strong' : 'label', padEnd(label, labelWidth)]];
}

/** Characters as they are seen, one for each that can be stood on. */
function cellsOf(text: string, mask: string | undefined): string[] {
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  return parts.map((part) => mask ?? displayName(part));
}

/** As many from the beginning as fit. */
function takeColumns(cells: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let left = width;
  for (const cell of cells) {
    left -= widthOf(cell);
    if (left < 0) break;
    taken.push(cell);
  }
  return taken;
}
