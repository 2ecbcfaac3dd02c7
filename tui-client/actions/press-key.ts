import { type Action, type Context, isTyped, type Keymap } from '../keymap.ts';
import { type Form, focusedEntry, formValue } from '../state/form.ts';
import { pressForm } from '../state/sheet-keys.ts';
import { editText, textField } from '../state/text-field.ts';
import { editOfKey } from '../state/text-keys.ts';
import type { Ui } from '../state/ui.ts';
import type { Key } from '../terminal/keys.ts';
import type { Desk } from './desk.ts';
import { runAction } from './run-action.ts';
import { pressLoginButton } from './sites.ts';

/** Where keys mean something while a sheet is open. */
export function sheetContext(sheet: Ui['sheet']): Context {
  if (sheet?.type === 'form') return 'form';
  return sheet?.type === 'list' ? 'help' : 'prompt';
}

/** Actions that are meant while a sheet is open, too. */
const ABOVE_SHEETS: readonly Action[] = ['interrupt', 'suspend', 'redraw'];

/** Finds out what a key means now, and does it. */
export function pressKey(desk: Desk, key: Key): void {
  if (desk.sheets.hold(() => pressKey(desk, key))) return;
  const ui = desk.store.get();
  if (ui.sheet !== undefined) pressOverSheet(desk, key);
  else if (ui.isFiltering) pressInFilter(desk, key);
  else if (contextOf(ui) === 'form') pressInLoginForm(desk, key);
  else pressInContext(desk, contextOf(ui), key);
}

/** Text that was pasted goes where text is typed, and nowhere else: it is no series of keys. */
export function pasteText(desk: Desk, text: string): void {
  const ui = desk.store.get();
  const isTyped = ui.sheet !== undefined ? ui.sheet.type !== 'choice' : ui.isFiltering;
  if (isTyped || contextOf(ui) === 'form') pressKey(desk, { name: 'paste', text: oneLine(text) });
}

/** Where keys mean something now. */
export function contextOf(ui: Ui): Context {
  if (ui.screen === 'login') return ui.login.part === 'sites' ? 'sites' : 'form';
  return ui.screen;
}

function pressOverSheet(desk: Desk, key: Key): void {
  const action = desk.keymap.actionFor('prompt', key.name);
  if (action !== undefined && ABOVE_SHEETS.includes(action)) runAction(desk, 'prompt', action);
  else desk.sheets.press(standardKey(desk.keymap, sheetContext(desk.store.get().sheet), key));
}

/** What sheets and forms know their keys by. These always work, too. */
const STANDARD_KEYS: Partial<Record<Action, string>> = {
  submit: 'enter',
  cancel: 'escape',
  'field-next': 'tab',
  'field-previous': 'shift-tab',
  'cursor-up': 'up',
  'cursor-down': 'down',
};

/** A key as it is without the user's changes to the keymap. What can be typed stays text. */
function standardKey(keymap: Keymap, context: Context, key: Key): Key {
  if (isTyped(key.name)) return key;
  const action = keymap.actionFor(context, key.name);
  const name = action === undefined ? undefined : STANDARD_KEYS[action];
  return name === undefined ? key : { name, text: '' };
}

function pressInFilter(desk: Desk, key: Key): void {
  const action = desk.keymap.actionFor('filter', key.name);
  if (action !== undefined) {
    runAction(desk, 'filter', action);
    return;
  }
  const edit = editOfKey(key);
  if (edit === undefined) return;
  const { text } = editText(textField(desk.active.filter), edit);
  if (text !== desk.active.filter) desk.changeActive({ type: 'filtered', filter: text });
}

function pressInLoginForm(desk: Desk, key: Key): void {
  const { form, isConnecting } = desk.store.get().login;
  const pressed = standardKey(desk.keymap, 'form', key);
  if (!isConnecting && pressed.name === 'enter' && connectsByEnter(form)) {
    desk.store.dispatch({ type: 'login', event: { type: 'serverTyped' } });
    if (desk.store.get().login.tone !== 'bad') pressLoginButton(desk, 'connect');
    return;
  }
  const step = isConnecting ? undefined : pressForm(form, pressed);
  if (step?.type === 'event') {
    desk.store.dispatch({ type: 'login', event: { type: 'form', event: step.event } });
  } else if (step?.type === 'pressed') {
    pressLoginButton(desk, step.button);
  } else {
    pressInContext(desk, 'form', key);
  }
}

/** Enter connects from every field once a server is named; on a button it presses that. */
function connectsByEnter(form: Form): boolean {
  return focusedEntry(form)?.type !== 'button' && formValue(form, 'host').trim() !== '';
}

/** While the connection is being made again, two keys are about that, and about transfers that wait for it. */
function pressWhileLost(desk: Desk, key: Key): boolean {
  const { connection, screen } = desk.store.get();
  if (connection.state !== 'lost' || connection.retry === undefined) return false;
  if (screen !== 'files' && screen !== 'queue') return false;
  const action = desk.keymap.actionFor('lost', key.name);
  if (action === 'retry-now') {
    desk.online?.session.retryNow();
    desk.online?.queue.retryNow();
  } else if (action === 'retry-stop') {
    desk.online?.session.stopRetrying();
    desk.online?.queue.holdTries();
  } else return false;
  return true;
}

function pressInContext(desk: Desk, context: Context, key: Key): void {
  if (pressWhileLost(desk, key)) return;
  const action = desk.keymap.actionFor(context, key.name);
  if (action === undefined) return;
  // A notice stays until the next key.
  if (desk.store.get().notice !== undefined) {
    desk.store.dispatch({ type: 'noticed', notice: undefined });
  }
  runAction(desk, context, action);
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').trimEnd();
}
