import { expect, test } from '@jest/globals';
import { type ChoiceDialog, type ListDialog, updateDialog } from './dialog.ts';
import { newListBox } from './list-box.ts';

const choice: ChoiceDialog = {
  type: 'choice',
  topic: 'conflict',
  title: 'index.html exists',
  tone: 'calm',
  lines: ['one', 'two', 'three'],
  top: 0,
  choices: [{ id: 'overwrite', keys: ['o'], label: 'overwrite' }],
  escape: 'stop',
  check: { keys: ['space'], label: 'apply to all other conflicts', isChecked: false },
};

test('the check turns, where there is one', () => {
  expect(updateDialog(choice, { type: 'checkToggled' })).toMatchObject({
    check: { isChecked: true },
  });
  const without = { ...choice, check: undefined };
  expect(updateDialog(without, { type: 'checkToggled' })).toBe(without);
});

test('lines may change while they are read, and scroll no further than the last', () => {
  expect(updateDialog(choice, { type: 'scrolled', by: 9 })).toMatchObject({ top: 2 });
  expect(updateDialog(choice, { type: 'linesChanged', lines: ['four'] })).toMatchObject({
    lines: ['four'],
  });
});

const list: ListDialog = {
  type: 'list',
  topic: 'help',
  title: 'Help',
  list: newListBox([
    { id: 'copy', columns: ['F5 c', 'copy marked to the other pane'] },
    { id: 'quit', columns: ['F10 q', 'quit'] },
  ]),
  hint: '',
  isGrowing: true,
};

test('a list is narrowed by words in any order, and what comes later is narrowed, too', () => {
  const narrowed = updateDialog(list, {
    type: 'list',
    event: { type: 'edited', edit: { type: 'insert', text: 'PANE copy' } },
  });
  const grown = updateDialog(narrowed, {
    type: 'itemsAdded',
    items: [
      { id: 'other', columns: ['Tab', 'other pane'] },
      { id: 'more', columns: ['x', 'copy to a pane'] },
    ],
  });
  expect((grown as ListDialog).list.shown.map(({ id }) => id)).toEqual(['copy', 'more']);
});

test('an event of another kind of dialog changes nothing', () => {
  expect(updateDialog(list, { type: 'checkToggled' })).toBe(list);
  expect(updateDialog(choice, { type: 'edited', edit: { type: 'left' } })).toBe(choice);
});
