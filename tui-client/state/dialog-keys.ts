import type { Key } from '../terminal/keys.ts';
import type {
  ChoiceDialog,
  Dialog,
  DialogEvent,
  FormDialog,
  ListDialog,
  PromptDialog,
} from './dialog.ts';
import { type Form, focusedEntry } from './form.ts';
import { itemUnderCursor, type ListEvent } from './list-box.ts';
import { editOfKey } from './text-keys.ts';

/** How a dialog was left. Esc leaves it without an answer. */
export type DialogAnswer =
  | { readonly type: 'chosen'; readonly id: string; readonly isChecked: boolean }
  | { readonly type: 'typed'; readonly text: string }
  | { readonly type: 'pressed'; readonly button: string; readonly form: Form }
  | {
      readonly type: 'picked';
      readonly id: string;
      readonly key: 'enter' | 'delete' | 'insert';
    };

type DialogStep =
  | { readonly type: 'nothing' }
  | { readonly type: 'event'; readonly event: DialogEvent }
  /** A choice that leaves the dialog open. */
  | { readonly type: 'wanted'; readonly id: string }
  | { readonly type: 'answer'; readonly answer: DialogAnswer | undefined };

const NOTHING: DialogStep = { type: 'nothing' };
const LEFT: DialogStep = { type: 'answer', answer: undefined };

/** What a key means while a dialog is open. */
export function pressInDialog(dialog: Dialog, key: Key): DialogStep {
  if (key.name === 'escape') return LEFT;
  switch (dialog.type) {
    case 'choice':
      return pressInChoice(dialog, key);
    case 'prompt':
      return pressInPrompt(dialog, key);
    case 'form':
      return pressInForm(dialog, key);
    case 'list':
      return pressInList(dialog, key);
  }
}

/** Enter is no answer: nothing is confirmed by reflex. */
function pressInChoice(dialog: ChoiceDialog, key: Key): DialogStep {
  const choice = dialog.choices.find(({ keys }) => keys.includes(key.name));
  if (choice?.stays) return { type: 'wanted', id: choice.id };
  if (choice) {
    const isChecked = dialog.check?.isChecked ?? false;
    return { type: 'answer', answer: { type: 'chosen', id: choice.id, isChecked } };
  }
  // Where "y" is yes, "n" is no.
  if (key.name === 'n' && dialog.choices.some(({ keys }) => keys.includes('y'))) return LEFT;
  if (dialog.check?.keys.includes(key.name)) return event({ type: 'checkToggled' });
  const by = SCROLLS[key.name];
  return by === undefined ? NOTHING : event({ type: 'scrolled', by });
}

const SCROLLS: Readonly<Record<string, number>> = {
  down: 1,
  j: 1,
  up: -1,
  k: -1,
  pagedown: 8,
  pageup: -8,
};

function pressInPrompt(dialog: PromptDialog, key: Key): DialogStep {
  if (key.name === 'enter') {
    return { type: 'answer', answer: { type: 'typed', text: dialog.field.text } };
  }
  const edit = editOfKey(key);
  return edit ? event({ type: 'edited', edit }) : NOTHING;
}

function pressInForm({ form }: FormDialog, key: Key): DialogStep {
  const step = pressForm(form, key);
  switch (step.type) {
    case 'pressed':
      return { type: 'answer', answer: { type: 'pressed', button: step.button, form } };
    case 'event':
      return event({ type: 'form', event: step.event });
    case 'nothing':
      return NOTHING;
  }
}

type FormStep =
  | { readonly type: 'nothing' }
  | { readonly type: 'pressed'; readonly button: string }
  | { readonly type: 'event'; readonly event: Extract<DialogEvent, { type: 'form' }>['event'] };

/** The same for a form wherever it is. Enter in a field goes on, and on the last one presses the button. */
export function pressForm(form: Form, key: Key): FormStep {
  const entry = focusedEntry(form);
  if (key.name === 'enter') return pressEnter(form);
  const by = FOCUS_MOVES[key.name];
  if (by !== undefined) return { type: 'event', event: { type: 'focusMoved', by } };
  if (entry?.type === 'text' || entry?.type === 'secret') {
    const edit = editOfKey(key);
    return edit ? { type: 'event', event: { type: 'edited', edit } } : { type: 'nothing' };
  }
  const turn = TURNS[key.name];
  if (turn === undefined) return { type: 'nothing' };
  if (entry?.type !== 'button') return { type: 'event', event: { type: 'turned', by: turn } };
  if (key.name === 'space') return { type: 'pressed', button: entry.name };
  return { type: 'event', event: { type: 'focusMoved', by: turn } };
}

const FOCUS_MOVES: Readonly<Record<string, number>> = {
  tab: 1,
  down: 1,
  'shift-tab': -1,
  up: -1,
};

const TURNS: Readonly<Record<string, number>> = { space: 1, right: 1, left: -1 };

function pressEnter(form: Form): FormStep {
  const entry = focusedEntry(form);
  if (entry?.type === 'button') return { type: 'pressed', button: entry.name };
  const isLast = form.entries[form.focus + 1]?.type === 'button';
  const button = form.entries.find((candidate) => candidate.type === 'button');
  if (isLast && button) return { type: 'pressed', button: button.name };
  return { type: 'event', event: { type: 'focusMoved', by: 1 } };
}

function pressInList(dialog: ListDialog, key: Key): DialogStep {
  if (key.name === 'enter' || key.name === 'insert' || key.name === 'delete') {
    const item = itemUnderCursor(dialog.list);
    if (!item) return NOTHING;
    return { type: 'answer', answer: { type: 'picked', id: item.id, key: key.name } };
  }
  const move = listMove(key);
  if (move) return event({ type: 'list', event: move });
  const edit = editOfKey(key);
  return edit ? event({ type: 'list', event: { type: 'edited', edit } }) : NOTHING;
}

/** Where a key moves in any list that letters do not belong to. */
function listMove(key: Key): ListEvent | undefined {
  return LIST_MOVES[key.name];
}

const LIST_MOVES: Readonly<Record<string, ListEvent>> = {
  down: { type: 'moved', by: 1 },
  'ctrl-n': { type: 'moved', by: 1 },
  up: { type: 'moved', by: -1 },
  'ctrl-p': { type: 'moved', by: -1 },
  pagedown: { type: 'paged', by: 1 },
  pageup: { type: 'paged', by: -1 },
};

function event(dialogEvent: DialogEvent): DialogStep {
  return { type: 'event', event: dialogEvent };
}
