import type { Key } from '../terminal/keys.ts';
import type { TextEdit } from './text-field.ts';

const EDITS: Readonly<Record<string, TextEdit>> = {
  backspace: { type: 'eraseBefore' },
  'ctrl-h': { type: 'eraseBefore' },
  delete: { type: 'eraseAfter' },
  'ctrl-d': { type: 'eraseAfter' },
  'ctrl-w': { type: 'eraseWordBefore' },
  'alt-backspace': { type: 'eraseWordBefore' },
  'ctrl-u': { type: 'eraseToStart' },
  'ctrl-k': { type: 'eraseToEnd' },
  left: { type: 'left' },
  'ctrl-b': { type: 'left' },
  right: { type: 'right' },
  'ctrl-f': { type: 'right' },
  home: { type: 'start' },
  'ctrl-a': { type: 'start' },
  end: { type: 'end' },
  'ctrl-e': { type: 'end' },
};

/** What a key does to a line of text; undefined if nothing. */
export function editOfKey(key: Key): TextEdit | undefined {
  if (key.text !== '') return { type: 'insert', text: key.text };
  return EDITS[key.name];
}
