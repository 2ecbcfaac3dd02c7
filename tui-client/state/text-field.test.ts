import { expect, test } from '@jest/globals';
import { editText, type TextEdit, type TextField, textField } from './text-field.ts';

const edited = (field: TextField, ...edits: readonly TextEdit[]) => edits.reduce(editText, field);

test('text goes in at the caret', () => {
  const field = edited(
    textField('ac'),
    { type: 'left' },
    { type: 'insert', text: 'b' },
    { type: 'end' },
    { type: 'insert', text: 'd' },
  );
  expect(field).toEqual({ text: 'abcd', caret: 4 });
});

test('a pasted line end does not break the line', () => {
  expect(edited(textField(), { type: 'insert', text: 'a\r\nb\n' }).text).toBe('ab');
});

test('a whole character is erased, however many code points it has', () => {
  expect(edited(textField('a👨‍👩‍👧‍👦'), { type: 'eraseBefore' }).text).toBe('a');
  expect(edited(textField('👍🏽b'), { type: 'start' }, { type: 'eraseAfter' }).text).toBe('b');
  expect(edited(textField('👍🏽'), { type: 'left' }).caret).toBe(0);
});

test.each([
  ['/www/site', '/www/'],
  ['/www/', '/'],
  ['two words ', 'two '],
  ['', ''],
])('a word is erased from %s', (text, left) => {
  expect(edited(textField(text), { type: 'eraseWordBefore' }).text).toBe(left);
});

test('everything before or behind the caret goes', () => {
  const middle = edited(textField('abcd'), { type: 'left' }, { type: 'left' });
  expect(edited(middle, { type: 'eraseToStart' })).toEqual({ text: 'cd', caret: 0 });
  expect(edited(middle, { type: 'eraseToEnd' }).text).toBe('ab');
});
