import { type Form, type FormEvent, updateForm } from './form.ts';
import { type ListBox, type ListEvent, type ListItem, updateList } from './list-box.ts';
import { withModeHint } from './mode-form.ts';
import { withSignUpHints } from './sign-up-form.ts';
import { editText, type TextEdit, type TextField } from './text-field.ts';

/** What a sheet is about: the help and the tests go by it. */
export type SheetTopic =
  | 'certificate'
  | 'sign-up'
  | 'conflict'
  | 'delete'
  | 'help'
  | 'properties'
  | 'mirror'
  | 'fit'
  | 'unfinished'
  | 'quit'
  | 'sort'
  | 'bookmarks'
  | 'find'
  | 'command'
  | 'details'
  | 'copy'
  | 'password'
  | 'mode'
  | 'prompt'
  | 'site';

interface SheetBase {
  readonly topic: SheetTopic;
  readonly title: string;
}

/** Facts, and keys to choose by. Enter chooses nothing; Esc is always there. */
export interface ChoiceSheet extends SheetBase {
  readonly type: 'choice';
  readonly tone: 'calm' | 'danger';
  readonly lines: readonly string[];
  /** The first line shown. */
  readonly top: number;
  readonly choices: readonly Choice[];
  /** What Esc does. */
  readonly escape: string;
  readonly check:
    | { readonly keys: readonly string[]; readonly label: string; readonly isChecked: boolean }
    | undefined;
}

export interface Choice {
  readonly id: string;
  /** The first is the one that is shown. */
  readonly keys: readonly string[];
  readonly label: string;
  /** The sheet stays open: something is looked up, and shown in it. */
  readonly stays?: true;
}

export interface PromptSheet extends SheetBase {
  readonly type: 'prompt';
  readonly label: string;
  readonly field: TextField;
  readonly isSecret: boolean;
  readonly hint: string;
}

export interface FormSheet extends SheetBase {
  readonly type: 'form';
  readonly form: Form;
  /** Below the fields. */
  readonly message: string;
}

export interface ListSheet extends SheetBase {
  readonly type: 'list';
  readonly list: ListBox;
  readonly hint: string;
  /** More items are on their way. */
  readonly isGrowing: boolean;
}

export type Sheet = ChoiceSheet | PromptSheet | FormSheet | ListSheet;

export type SheetEvent =
  | { readonly type: 'edited'; readonly edit: TextEdit }
  | { readonly type: 'form'; readonly event: FormEvent }
  | { readonly type: 'list'; readonly event: ListEvent }
  | { readonly type: 'scrolled'; readonly by: number }
  | { readonly type: 'checkToggled' }
  | { readonly type: 'linesChanged'; readonly lines: readonly string[] }
  | { readonly type: 'choicesChanged'; readonly choices: ChoiceSheet['choices'] }
  | { readonly type: 'messageChanged'; readonly message: string }
  | { readonly type: 'itemsAdded'; readonly items: readonly ListItem[] }
  | { readonly type: 'grown' };

export function updateSheet(sheet: Sheet, event: SheetEvent): Sheet {
  switch (sheet.type) {
    case 'choice':
      return updateChoice(sheet, event);
    case 'prompt':
      return event.type === 'edited'
        ? { ...sheet, field: editText(sheet.field, event.edit) }
        : sheet;
    case 'form':
      if (event.type === 'form') return updateFormSheet(sheet, event.event);
      return event.type === 'messageChanged' ? { ...sheet, message: event.message } : sheet;
    case 'list':
      return updateListSheet(sheet, event);
  }
}

function updateChoice(sheet: ChoiceSheet, event: SheetEvent): ChoiceSheet {
  if (event.type === 'linesChanged') return { ...sheet, lines: event.lines };
  if (event.type === 'choicesChanged') return { ...sheet, choices: event.choices };
  if (event.type === 'scrolled') {
    const last = Math.max(0, sheet.lines.length - 1);
    return { ...sheet, top: Math.max(0, Math.min(sheet.top + event.by, last)) };
  }
  if (event.type !== 'checkToggled' || sheet.check === undefined) return sheet;
  return { ...sheet, check: { ...sheet.check, isChecked: !sheet.check.isChecked } };
}

function updateFormSheet(sheet: FormSheet, event: FormEvent): FormSheet {
  const form = updateForm(sheet.form, event);
  if (sheet.topic === 'mode') return { ...sheet, form: withModeHint(form) };
  return { ...sheet, form: sheet.topic === 'sign-up' ? withSignUpHints(form) : form };
}

function updateListSheet(sheet: ListSheet, event: SheetEvent): ListSheet {
  if (event.type === 'grown') return { ...sheet, isGrowing: false };
  if (event.type === 'list') return { ...sheet, list: updateList(sheet.list, event.event) };
  if (event.type !== 'itemsAdded') return sheet;
  return { ...sheet, list: updateList(sheet.list, { type: 'added', items: event.items }) };
}
