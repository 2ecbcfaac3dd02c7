import { editText, type TextEdit, type TextField, textField } from './text-field.ts';

export interface ListItem {
  readonly id: string;
  /** Drawn side by side. */
  readonly columns: readonly string[];
}

/** A list that is narrowed by typing. */
export interface ListBox {
  readonly items: readonly ListItem[];
  readonly shown: readonly ListItem[];
  readonly filter: TextField;
  readonly cursor: number;
  readonly top: number;
  readonly height: number;
}

export type ListEvent =
  | { readonly type: 'moved'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number }
  | { readonly type: 'movedTo'; readonly index: number }
  | { readonly type: 'edited'; readonly edit: TextEdit }
  | { readonly type: 'added'; readonly items: readonly ListItem[] }
  | { readonly type: 'replaced'; readonly items: readonly ListItem[] }
  | { readonly type: 'resized'; readonly height: number };

export function newListBox(items: readonly ListItem[]): ListBox {
  return { items, shown: items, filter: textField(), cursor: 0, top: 0, height: 8 };
}

export function itemUnderCursor(list: ListBox): ListItem | undefined {
  return list.shown[list.cursor];
}

export function updateList(list: ListBox, event: ListEvent): ListBox {
  switch (event.type) {
    case 'moved':
      return stoodOn(list, list.cursor + event.by);
    case 'paged':
      return stoodOn(list, list.cursor + event.by * Math.max(1, list.height - 1));
    case 'movedTo':
      return stoodOn(list, event.index);
    case 'resized':
      return stoodOn({ ...list, height: Math.max(1, event.height) }, list.cursor);
    case 'edited': {
      const filter = editText(list.filter, event.edit);
      if (filter.text === list.filter.text) return { ...list, filter };
      return stoodOn({ ...list, filter, shown: matching(list.items, filter.text), top: 0 }, 0);
    }
    case 'added': {
      const shown = [...list.shown, ...matching(event.items, list.filter.text)];
      return { ...list, items: [...list.items, ...event.items], shown };
    }
    case 'replaced':
      return stoodOn(
        { ...list, items: event.items, shown: matching(event.items, list.filter.text) },
        list.cursor,
      );
  }
}

/** Every word must be somewhere in the item. */
function matching(items: readonly ListItem[], filter: string): readonly ListItem[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter(({ columns }) => {
    const text = columns.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function stoodOn(list: ListBox, index: number): ListBox {
  const cursor = Math.max(0, Math.min(index, list.shown.length - 1));
  const lowest = Math.max(0, list.shown.length - list.height);
  const top = Math.min(Math.max(list.top, cursor - list.height + 1), cursor, lowest);
  return { ...list, cursor, top };
}
