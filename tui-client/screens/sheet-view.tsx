import type { ReactElement } from 'react';
import { fieldSpans } from '../components/form-rows.ts';
import { insideFrame } from '../components/frame.ts';
import { listRows } from '../components/list-rows.ts';
import { Sheet as SheetFrame, textRows } from '../components/sheet.tsx';
import { paintRow, type Span } from '../components/spans.ts';
import { displayName } from '../format.ts';
import { keyLabel } from '../keymap.ts';
import type { ChoiceSheet, FormSheet, ListSheet, PromptSheet, Sheet } from '../state/sheet.ts';
import { widthOf } from '../text-width.ts';
import type { Theme } from '../theme.ts';
import { foldedLines } from './folded-lines.ts';
import { formRows } from './form-body.ts';
import { sheetChoices } from './layout.ts';

interface SheetViewProps {
  readonly theme: Theme;
  readonly sheet: Sheet;
  readonly width: number;
  /** For what can be scrolled. */
  readonly bodyRows: number;
}

/** The question that is open, docked above the footer. */
export function SheetView({ theme, sheet, width, bodyRows }: SheetViewProps): ReactElement {
  return (
    <SheetFrame
      theme={theme}
      width={width}
      title={sheet.title}
      note={sheet.type === 'list' ? listNote(sheet) : undefined}
      tone={sheet.type === 'choice' ? sheet.tone : 'calm'}
      body={bodyOf(theme, sheet, { width: insideFrame(width), rows: bodyRows })}
      choices={sheet.type === 'choice' ? sheetChoices(sheet) : []}
    />
  );
}

interface Room {
  readonly width: number;
  readonly rows: number;
}

function bodyOf(theme: Theme, sheet: Sheet, room: Room): readonly string[] {
  switch (sheet.type) {
    case 'choice':
      return choiceBody(theme, sheet, room);
    case 'prompt':
      return promptBody(theme, sheet, room);
    case 'form':
      return formBody(theme, sheet, room);
    case 'list':
      return listBody(theme, sheet, room);
  }
}

function choiceBody(theme: Theme, sheet: ChoiceSheet, { width, rows }: Room): readonly string[] {
  const all = foldedLines(sheet.lines, width - 2);
  const top = Math.max(0, Math.min(sheet.top, all.length - rows));
  const lines = textRows(theme, { width, lines: all.slice(top, top + rows) });
  const { check } = sheet;
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

function promptBody(theme: Theme, sheet: PromptSheet, { width }: Room): readonly string[] {
  const { label, field, isSecret, hint } = sheet;
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

function formBody(theme: Theme, { form, message }: FormSheet, { width }: Room): readonly string[] {
  const rows = formRows(theme, form, { width, isActive: true });
  return [...rows, paintRow(theme, [' ', ['bad', displayName(message)]], { width })];
}

function listBody(
  theme: Theme,
  { list, hint }: ListSheet,
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

function listNote({ list, isGrowing }: ListSheet): string {
  const count = `${list.shown.length} of ${list.items.length}`;
  return isGrowing ? `${count}, looking …` : count;
}
