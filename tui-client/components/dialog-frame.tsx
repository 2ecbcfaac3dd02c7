import { type ReactElement, useMemo } from 'react';
import { keyLabel } from '../input/keymap.ts';
import { displayName } from '../text/format.ts';
import { frameRows, insideFrame } from './frame.ts';
import { Painted } from './painted.tsx';
import { paintRow, type Span } from './spans.ts';
import type { Theme } from './theme.ts';

export interface DialogFrameProps {
  readonly theme: Theme;
  readonly width: number;
  readonly title: string;
  /** In the border at the right, as `type to find`. */
  readonly note?: string | undefined;
  readonly tone: 'calm' | 'danger';
  /** Painted, each `insideFrame(width)` wide. */
  readonly body: readonly string[];
  /** Keys and what they do; a last row of the dialog. */
  readonly choices: readonly { readonly key: string; readonly label: string }[];
}

/** A dialogue above the footer. Ink tears wide characters under an overlay, so it takes rows of its own. */
export function DialogFrame(props: DialogFrameProps): ReactElement {
  const rows = useMemo(() => dialogRows(props), [props]);
  return <Painted rows={rows} width={props.width} />;
}

export function dialogRows(props: DialogFrameProps): readonly string[] {
  const { theme, width, title, note, tone, body, choices } = props;
  const inside = insideFrame(width);
  const last = choices.length > 0 ? choiceRows(theme, { width: inside, choices }) : [];
  return frameRows(
    theme,
    {
      width,
      border: tone === 'danger' ? 'bad' : 'borderActive',
      title: displayName(title),
      titleRole: tone === 'danger' ? 'bad' : 'title',
      note,
    },
    [...body, ...last],
  );
}

/** Plain lines as the body of a dialog. */
export function textRows(
  theme: Theme,
  { width, lines }: { readonly width: number; readonly lines: readonly string[] },
): readonly string[] {
  return lines.map((line) => paintRow(theme, [` ${displayName(line)}`], { width }));
}

/** How many rows they take in a dialog that is so wide inside. */
export function choiceRowCount(width: number, choices: DialogFrameProps['choices']): number {
  return choices.length === 0 ? 0 : brokenChoices(width, choices).length;
}

/** As many rows as the choices need; none is broken. */
function choiceRows(
  theme: Theme,
  { width, choices }: Pick<DialogFrameProps, 'width' | 'choices'>,
): readonly string[] {
  return brokenChoices(width, choices).map((row) => {
    const spans = row.flatMap(({ key, label }): Span[] => [
      ' ',
      ['key', keyLabel(key)],
      ` ${label}  `,
    ]);
    return paintRow(theme, spans, { width });
  });
}

function brokenChoices(
  width: number,
  choices: DialogFrameProps['choices'],
): readonly DialogFrameProps['choices'][] {
  const rows: DialogFrameProps['choices'][number][][] = [[]];
  let used = 0;
  for (const choice of choices) {
    const needed = keyLabel(choice.key).length + choice.label.length + 4;
    if (used + needed > width && used > 0) {
      rows.push([]);
      used = 0;
    }
    used += needed;
    rows.at(-1)?.push(choice);
  }
  return rows;
}
