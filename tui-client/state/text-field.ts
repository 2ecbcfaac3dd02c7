/** A line of text being typed. */
export interface TextField {
  readonly text: string;
  /** Index of the character before which the next is put, in UTF-16 units. */
  readonly caret: number;
}

export type TextEdit =
  | { readonly type: 'insert'; readonly text: string }
  | { readonly type: 'eraseBefore' }
  | { readonly type: 'eraseAfter' }
  | { readonly type: 'eraseWordBefore' }
  | { readonly type: 'eraseToStart' }
  | { readonly type: 'eraseToEnd' }
  | { readonly type: 'left' }
  | { readonly type: 'right' }
  | { readonly type: 'start' }
  | { readonly type: 'end' };

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const LINE_ENDS = /[\r\n]+/g;

/** The caret is at its end. */
export function textField(text = ''): TextField {
  return { text, caret: text.length };
}

export function editText(field: TextField, edit: TextEdit): TextField {
  const before = field.text.slice(0, field.caret);
  const after = field.text.slice(field.caret);
  switch (edit.type) {
    case 'insert':
      return joined(before + edit.text.replace(LINE_ENDS, ''), after);
    case 'eraseBefore':
      return joined(withoutLastGrapheme(before), after);
    case 'eraseAfter':
      return joined(before, after.slice(firstGrapheme(after).length));
    case 'eraseWordBefore':
      return joined(before.replace(/[^\s/]*[\s/]*$/u, ''), after);
    case 'eraseToStart':
      return joined('', after);
    case 'eraseToEnd':
      return joined(before, '');
    case 'left':
      return { ...field, caret: withoutLastGrapheme(before).length };
    case 'right':
      return { ...field, caret: field.caret + firstGrapheme(after).length };
    case 'start':
      return { ...field, caret: 0 };
    case 'end':
      return { ...field, caret: field.text.length };
  }
}

function joined(before: string, after: string): TextField {
  return { text: before + after, caret: before.length };
}

function firstGrapheme(text: string): string {
  return graphemes.segment(text)[Symbol.iterator]().next().value?.segment ?? '';
}

function withoutLastGrapheme(text: string): string {
  const last = [...graphemes.segment(text)].at(-1);
  return last ? text.slice(0, last.index) : '';
}
