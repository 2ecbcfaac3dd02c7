import type { ReactElement } from 'react';
import { DialogFrame, textRows } from '../components/dialog-frame.tsx';
import { fieldSpans } from '../components/form-rows.ts';
import { insideFrame } from '../components/frame.ts';
import { listRows } from '../components/list-rows.ts';
import { paintRow, type Span } from '../components/spans.ts';
import type { Theme } from '../components/theme.ts';
import { keyLabel } from '../input/keymap.ts';
import type {
  ChoiceDialog,
  Dialog,
  FormDialog,
  ListDialog,
  PromptDialog,
} from '../state/dialog.ts';
import { displayName } from '../text/format.ts';
import { widthOf } from '../text/text-width.ts';
import { foldedLines } from './folded-lines.ts';
import { formRows } from './form-body.ts';
import { dialogChoices } from './layout.ts';

interface DialogViewProps {
  readonly theme: Theme;
  readonly dialog: Dialog;
  readonly width: number;
  /** For what can be scrolled. */
  readonly bodyRows: number;
}

/** The question that is open, docked above the footer. */
export function DialogView({ theme, dialog, width, bodyRows }: DialogViewProps): ReactElement {
  return (
    <DialogFrame
      theme={theme}
      width={width}
      title={dialog.title}
      note={dialog.type === 'list' ? listNote(dialog) : undefined}
      tone={dialog.type === 'choice' ? dialog.tone : 'calm'}
      body={bodyOf(theme, dialog, { width: insideFrame(width), rows: bodyRows })}
      choices={dialog.type === 'choice' ? dialogChoices(dialog) : []}
    />
  );
}

interface Room {
  readonly width: number;
  readonly rows: number;
}

function bodyOf(theme: Theme, dialog: Dialog, room: Room): readonly string[] {
  switch (dialog.type) {
    case 'choice':
      return choiceBody(theme, dialog, room);
    case 'prompt':
      return promptBody(theme, dialog, room);
    case 'form':
      return formBody(theme, dialog, room);
    case 'list':
      return listBody(theme, dialog, room);
  }
}

function choiceBody(theme: Theme, dialog: ChoiceDialog, { width, rows }: Room): readonly string[] {
  const all = foldedLines(dialog.lines, width - 2);
  const top = Math.max(0, Math.min(dialog.top, all.length - rows));
  const lines = textRows(theme, { width, lines: all.slice(top, top + rows) });
  const { check } = dialog;
  if (check === undefined) return lines;
  const text = ` [${check.isChecked ? 'x' : ' '}] ${displayName(check.label)}`;
  return [
    ...lines,
    paintRow(
      theme,
      [
        [check.isChecked ? 'strong' : 'plain', text],
        ['dim', `  ${keyLabel(check.keys[0] ?? '')}`],
      ],
      { width },
    ),
  ];
}

function promptBody(theme: Theme, dialog: PromptDialog, { width }: Room): readonly string[] {
  const { label, field, isSecret, hint } = dialog;
  const fieldWidth = Math.max(1, width - widthOf(label) - 4);
  const spans: readonly Span[] = [
    ' ',
    ['label', label],
    '  ',
    ...fieldSpans(theme, { ...field, isSecret, isActive: true, width: fieldWidth }),
  ];
  const row = paintRow(theme, spans, { width });
  if (hint === '') return [row];
  return [row, paintRow(theme, [['dim', ` ${displayName(hint)}`]], { width })];
}

function formBody(theme: Theme, { form, message }: FormDialog, { width }: Room): readonly string[] {
  const rows = formRows(theme, form, { width, isActive: true });
  return [...rows, paintRow(theme, [' ', ['bad', displayName(message)]], { width })];
}

function listBody(
  theme: Theme,
  { list, hint }: ListDialog,
  { width, rows }: Room,
): readonly string[] {
  const { text, caret } = list.filter;
  const besideHint = width - widthOf(hint) - 6;
  const filterWidth = Math.max(8, Math.min(Math.floor(width / 2), besideHint));
  const filter: readonly Span[] = [
    ' ',
    ['key', '/ '],
    ...fieldSpans(theme, { text, caret, isSecret: false, isActive: true, width: filterWidth }),
    ['dim', `  ${hint}`],
  ];
  return [
    paintRow(theme, filter, { width }),
    ...listRows({
      theme,
      width,
      height: rows,
      items: list.shown,
      top: list.top,
      cursor: list.cursor,
      empty: 'Nothing.',
    }),
  ];
}

function listNote({ list, isGrowing }: ListDialog): string {
  const count = `${list.shown.length} of ${list.items.length}`;
  return isGrowing ? `${count}, looking …` : count;
}
