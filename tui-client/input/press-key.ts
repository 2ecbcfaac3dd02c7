import { pressLoginButton } from '../actions/sites.ts';
import type { AppContext } from '../context/app-context.ts';
import { pressForm } from '../state/dialog-keys.ts';
import { type Form, focusedEntry, formValue } from '../state/form.ts';
import { editText, textField } from '../state/text-field.ts';
import { editOfKey } from '../state/text-keys.ts';
import type { Ui } from '../state/ui.ts';
import type { Key } from '../terminal/keys.ts';
import { type Action, type Context, isTyped, type Keymap } from './keymap.ts';
import { runAction } from './run-action.ts';

/** Where keys mean something while a dialog is open. */
export function dialogContext(dialog: Ui['dialog']): Context {
  if (dialog?.type === 'form') return 'form';
  return dialog?.type === 'list' ? 'help' : 'prompt';
}

/** Actions that are meant while a dialog is open, too. */
const ABOVE_SHEETS: readonly Action[] = ['interrupt', 'suspend', 'redraw'];

/** Finds out what a key means now, and does it. */
export function pressKey(app: AppContext, key: Key): void {
  if (app.dialogs.hold(() => pressKey(app, key))) return;
  const ui = app.ui.get();
  if (ui.dialog !== undefined) pressOverDialog(app, key);
  else if (ui.isFiltering) pressInFilter(app, key);
  else if (contextOf(ui) === 'form') pressInLoginForm(app, key);
  else pressInContext(app, contextOf(ui), key);
}

/** Text that was pasted goes where text is typed, and nowhere else: it is no series of keys. */
export function pasteText(app: AppContext, text: string): void {
  const ui = app.ui.get();
  const isTyped = ui.dialog !== undefined ? ui.dialog.type !== 'choice' : ui.isFiltering;
  if (isTyped || contextOf(ui) === 'form') pressKey(app, { name: 'paste', text: oneLine(text) });
}

/** Where keys mean something now. */
export function contextOf(ui: Ui): Context {
  if (ui.screen === 'login') return ui.login.part === 'sites' ? 'sites' : 'form';
  return ui.screen;
}

function pressOverDialog(app: AppContext, key: Key): void {
  const action = app.keymap.actionFor('prompt', key.name);
  if (action !== undefined && ABOVE_SHEETS.includes(action)) runAction(app, 'prompt', action);
  else app.dialogs.press(standardKey(app.keymap, dialogContext(app.ui.get().dialog), key));
}

/** What dialogs and forms know their keys by. These always work, too. */
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

function pressInFilter(app: AppContext, key: Key): void {
  const action = app.keymap.actionFor('filter', key.name);
  if (action !== undefined) {
    runAction(app, 'filter', action);
    return;
  }
  const edit = editOfKey(key);
  if (edit === undefined) return;
  const { text } = editText(textField(app.ui.activePane.filter), edit);
  if (text !== app.ui.activePane.filter)
    app.ui.changeActivePane({ type: 'filtered', filter: text });
}

function pressInLoginForm(app: AppContext, key: Key): void {
  const { form, isConnecting } = app.ui.get().login;
  const pressed = standardKey(app.keymap, 'form', key);
  if (!isConnecting && pressed.name === 'enter' && connectsByEnter(form)) {
    app.ui.dispatch({ type: 'login', event: { type: 'serverTyped' } });
    if (app.ui.get().login.tone !== 'bad') pressLoginButton(app, 'connect');
    return;
  }
  const step = isConnecting ? undefined : pressForm(form, pressed);
  if (step?.type === 'event') {
    app.ui.dispatch({ type: 'login', event: { type: 'form', event: step.event } });
  } else if (step?.type === 'pressed') {
    pressLoginButton(app, step.button);
  } else {
    pressInContext(app, 'form', key);
  }
}

/** Enter connects from every field once a server is named; on a button it presses that. */
function connectsByEnter(form: Form): boolean {
  return focusedEntry(form)?.type !== 'button' && formValue(form, 'host').trim() !== '';
}

/** While the connection is being made again, two keys are about that, and about transfers that wait for it. */
function pressWhileLost(app: AppContext, key: Key): boolean {
  const { connection, screen } = app.ui.get();
  if (connection.state !== 'lost' || connection.retry === undefined) return false;
  if (screen !== 'files' && screen !== 'queue') return false;
  const action = app.keymap.actionFor('lost', key.name);
  if (action !== 'retry-now' && action !== 'retry-stop') return false;
  runAction(app, 'lost', action);
  return true;
}

function pressInContext(app: AppContext, context: Context, key: Key): void {
  if (pressWhileLost(app, key)) return;
  const action = app.keymap.actionFor(context, key.name);
  if (action === undefined) return;
  // A notice stays until the next key.
  if (app.ui.get().notice !== undefined) {
    app.ui.dispatch({ type: 'noticed', notice: undefined });
  }
  runAction(app, context, action);
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').trimEnd();
}
