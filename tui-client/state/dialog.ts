import { type Form, type FormEvent, updateForm } from './form.ts';
import { type ListBox, type ListEvent, type ListItem, updateList } from './list-box.ts';
import { withModeHint } from './mode-form.ts';
import { withSignUpHints } from './sign-up-form.ts';
import { editText, type TextEdit, type TextField } from './text-field.ts';

/** What a dialog is about: the help and the tests go by it. */
export type DialogTopic =
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
  | 'trash'
  | 'find'
  | 'command'
  | 'details'
  | 'copy'
  | 'password'
  | 'mode'
  | 'prompt'
  | 'site';

interface DialogBase {
  readonly topic: DialogTopic;
  readonly title: string;
}

/** Facts, and keys to choose by. Enter chooses nothing; Esc is always there. */
export interface ChoiceDialog extends DialogBase {
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
  /** The dialog stays open: something is looked up, and shown in it. */
  readonly stays?: true;
}

export interface PromptDialog extends DialogBase {
  readonly type: 'prompt';
  readonly label: string;
  readonly field: TextField;
  readonly isSecret: boolean;
  readonly hint: string;
}

export interface FormDialog extends DialogBase {
  readonly type: 'form';
  readonly form: Form;
  /** Below the fields. */
  readonly message: string;
}

export interface ListDialog extends DialogBase {
  readonly type: 'list';
  readonly list: ListBox;
  readonly hint: string;
  /** More items are on their way. */
  readonly isGrowing: boolean;
}

export type Dialog = ChoiceDialog | PromptDialog | FormDialog | ListDialog;

export type DialogEvent =
  | { readonly type: 'edited'; readonly edit: TextEdit }
  | { readonly type: 'form'; readonly event: FormEvent }
  | { readonly type: 'list'; readonly event: ListEvent }
  | { readonly type: 'scrolled'; readonly by: number }
  | { readonly type: 'checkToggled' }
  | { readonly type: 'linesChanged'; readonly lines: readonly string[] }
  | { readonly type: 'choicesChanged'; readonly choices: ChoiceDialog['choices'] }
  | { readonly type: 'messageChanged'; readonly message: string }
  | { readonly type: 'itemsAdded'; readonly items: readonly ListItem[] }
  | { readonly type: 'grown' };

export function updateDialog(dialog: Dialog, event: DialogEvent): Dialog {
  switch (dialog.type) {
    case 'choice':
      return updateChoice(dialog, event);
    case 'prompt':
      return event.type === 'edited'
        ? { ...dialog, field: editText(dialog.field, event.edit) }
        : dialog;
    case 'form':
      if (event.type === 'form') return updateFormDialog(dialog, event.event);
      return event.type === 'messageChanged' ? { ...dialog, message: event.message } : dialog;
    case 'list':
      return updateListDialog(dialog, event);
  }
}

function updateChoice(dialog: ChoiceDialog, event: DialogEvent): ChoiceDialog {
  if (event.type === 'linesChanged') return { ...dialog, lines: event.lines };
  if (event.type === 'choicesChanged') return { ...dialog, choices: event.choices };
  if (event.type === 'scrolled') {
    const last = Math.max(0, dialog.lines.length - 1);
    return { ...dialog, top: Math.max(0, Math.min(dialog.top + event.by, last)) };
  }
  if (event.type !== 'checkToggled' || dialog.check === undefined) return dialog;
  return { ...dialog, check: { ...dialog.check, isChecked: !dialog.check.isChecked } };
}

function updateFormDialog(dialog: FormDialog, event: FormEvent): FormDialog {
  const form = updateForm(dialog.form, event);
  if (dialog.topic === 'mode') return { ...dialog, form: withModeHint(form) };
  return { ...dialog, form: dialog.topic === 'sign-up' ? withSignUpHints(form) : form };
}

function updateListDialog(dialog: ListDialog, event: DialogEvent): ListDialog {
  if (event.type === 'grown') return { ...dialog, isGrowing: false };
  if (event.type === 'list') return { ...dialog, list: updateList(dialog.list, event.event) };
  if (event.type !== 'itemsAdded') return dialog;
  return { ...dialog, list: updateList(dialog.list, { type: 'added', items: event.items }) };
}
