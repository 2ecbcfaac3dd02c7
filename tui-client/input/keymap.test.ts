import { describe, expect, test } from '@jest/globals';
import { customKeymap, duplicateKeys, Keymap, keyLabel } from './keymap.ts';

const keymap = new Keymap();

test('no key means two things in one context', () => {
  expect(duplicateKeys(keymap.bindings)).toEqual([]);
});

test('every action says what it does', () => {
  for (const { keys, description } of keymap.bindings) {
    expect(keys.length).toBeGreaterThan(0);
    expect(keys).not.toContain('');
    expect(description).not.toBe('');
  }
});

test('a function key has a letter beside it, because terminals keep some for themselves', () => {
  for (const { keys } of keymap.bindings) {
    if (keys.some((key) => /^f\d/.test(key))) {
      expect(keys.filter((key) => !/^f\d/.test(key))).not.toEqual([]);
    }
  }
});

test('a hint names the key that is in force, and is not there without one', () => {
  const hint = (keys: readonly string[]) =>
    customKeymap({ reload: keys }).keymap.hint('files', 'reload', ' tries again');
  expect(hint(['ctrl-t', 'f11'])).toBe('Ctrl-T tries again');
  expect(hint([])).toBe('');
});

describe('a key', () => {
  test('means what its context says, else what it means everywhere', () => {
    expect(keymap.actionFor('files', 'f5')).toBe('copy');
    expect(keymap.actionFor('files', 'c')).toBe('copy');
    expect(keymap.actionFor('queue', 'c')).toBe('clear-done');
    expect(keymap.actionFor('queue', 'f1')).toBe('help');
    expect(keymap.actionFor('queue', 'f5')).toBeUndefined();
  });

  test('that types text means nothing else where text is typed', () => {
    for (const key of ['q', '?', 'a', 'M', 'space', 'backspace', '日']) {
      expect(keymap.actionFor('prompt', key)).toBeUndefined();
    }
    expect(keymap.actionFor('prompt', 'f1')).toBe('help');
    expect(keymap.actionFor('prompt', 'escape')).toBe('cancel');
  });

  test.each([
    ['f5', 'F5'],
    ['ctrl-r', 'Ctrl-R'],
    ['ctrl-\\', 'Ctrl-\\'],
    ['alt-?', 'Alt-?'],
    ['shift-tab', 'Shift-Tab'],
    ['ctrl-alt-delete', 'Ctrl-Alt-Delete'],
    ['pageup', 'PgUp'],
    ['escape', 'Esc'],
    ['a', 'a'],
    ['A', 'A'],
    ['-', '-'],
    ['ctrl--', 'Ctrl--'],
  ])('%s is shown as %s', (key, label) => {
    expect(keyLabel(key)).toBe(label);
  });
});

describe('changes by the user', () => {
  test('give an action other keys, in one context or in all', () => {
    const { keymap: changed, problems } = customKeymap({
      copy: ['ctrl-y'],
      'queue.pause': ['z'],
      'toggle-mouse': [],
    });
    expect(problems).toEqual([]);
    expect(changed.actionFor('files', 'ctrl-y')).toBe('copy');
    expect(changed.actionFor('files', 'f5')).toBeUndefined();
    expect(changed.keyFor('queue', 'pause')).toBe('z');
    expect(changed.actionFor('files', 'M')).toBeUndefined();
  });

  test('that name no action or take a key that is taken are told', () => {
    const { problems } = customKeymap({ coppy: ['z'], copy: ['d'] });
    expect(problems).toEqual([
      'Unknown action "coppy".',
      'In files, d is both "copy" and "delete".',
    ]);
  });
});

test('the entries of a context are its own, then those of everywhere that it does not overrule', () => {
  const actions = keymap.entriesFor('delete').map(({ action }) => action);
  expect(actions.slice(0, 2)).toEqual(['delete-yes', 'cancel']);
  expect(actions).toContain('help');
  expect(actions.filter((action) => action === 'cancel')).toHaveLength(1);
});
