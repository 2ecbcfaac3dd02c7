import { describe, expect, test } from '@jest/globals';
import type { Key } from '../terminal/keys.ts';
import { type Dialog, updateDialog } from './dialog.ts';
import { type DialogAnswer, pressInDialog } from './dialog-keys.ts';
import { type Form, formValue, textEntry } from './form.ts';
import { newListBox } from './list-box.ts';
import { textField } from './text-field.ts';

function key(name: string): Key {
  return { name, text: name.length === 1 ? name : name === 'space' ? ' ' : '' };
}

/** The dialog after these keys, or the answer that one of them gave. */
function press(dialog: Dialog, ...names: readonly string[]): Dialog | DialogAnswer | undefined {
  let shown = dialog;
  for (const name of names) {
    const step = pressInDialog(shown, key(name));
    if (step.type === 'answer') return step.answer;
    if (step.type === 'event') shown = updateDialog(shown, step.event);
  }
  return shown;
}

const deletion: Dialog = {
  type: 'choice',
  topic: 'delete',
  title: 'Delete',
  tone: 'danger',
  lines: [],
  top: 0,
  choices: [{ id: 'delete', keys: ['y'], label: 'delete' }],
  escape: 'keep',
  check: { keys: ['space'], label: 'apply to all other conflicts', isChecked: false },
};

const prompt: Dialog = {
  type: 'prompt',
  topic: 'prompt',
  title: 'Rename',
  label: 'To',
  field: textField('a'),
  isSecret: false,
  hint: '',
};

const form: Form = {
  focus: 0,
  entries: [
    textEntry('user', 'User'),
    { type: 'check', name: 'keep', label: 'keep', isChecked: false },
    { type: 'button', name: 'go', label: 'Go' },
    { type: 'button', name: 'back', label: 'Back' },
  ],
};
const signUp: Dialog = { type: 'form', topic: 'sign-up', title: '', form, message: '' };

test('Enter never confirms a choice', () => {
  expect(press(deletion, 'enter')).toBe(deletion);
  expect(press(deletion, 'y')).toEqual({ type: 'chosen', id: 'delete', isChecked: false });
});

test('where "y" is yes, "n" is no', () => {
  expect(press(deletion, 'n')).toBeUndefined();
  const other: Dialog = { ...deletion, choices: [{ id: 'skip', keys: ['s'], label: 'skip' }] };
  expect(press(other, 'n')).toBe(other);
});

test('the check goes with the choice', () => {
  expect(press(deletion, 'space', 'y')).toMatchObject({ isChecked: true });
});

test.each([deletion, prompt, signUp])('Esc leaves without an answer', (dialog) => {
  expect(pressInDialog(dialog, key('escape'))).toEqual({ type: 'answer', answer: undefined });
});

test('a prompt answers with its text', () => {
  expect(press(prompt, 'b', 'space', 'c', 'enter')).toEqual({ type: 'typed', text: 'ab c' });
});

describe('a form', () => {
  test('takes letters in its fields, and Enter goes on to the next', () => {
    const answer = press(signUp, 'j', 'o', 'enter', 'enter');
    expect(answer).toMatchObject({ type: 'pressed', button: 'go' });
    expect(formValue((answer as { form: Form }).form, 'user')).toBe('jo');
  });

  test('turns a check with the space bar', () => {
    expect(press(signUp, 'tab', 'space')).toMatchObject({
      form: { entries: [{}, { isChecked: true }, {}, {}] },
    });
  });

  test('goes around, and moves between buttons', () => {
    expect(press(signUp, 'shift-tab', 'enter')).toMatchObject({ button: 'back' });
    expect(press(signUp, 'shift-tab', 'left', 'space')).toMatchObject({ button: 'go' });
  });
});

test('a list is narrowed by letters and answers with what is under the cursor', () => {
  const list: Dialog = {
    type: 'list',
    topic: 'help',
    title: 'Help',
    hint: '',
    isGrowing: false,
    list: newListBox([
      { id: 'one', columns: ['jump'] },
      { id: 'two', columns: ['justify'] },
      { id: 'three', columns: ['quit'] },
    ]),
  };
  const picked = { type: 'picked', id: 'two', key: 'enter' };
  expect(press(list, 'j', 'u', 'down', 'enter')).toEqual(picked);
  expect(press(list, 'x', 'y', 'z', 'enter')).toMatchObject({ type: 'list' });
});
