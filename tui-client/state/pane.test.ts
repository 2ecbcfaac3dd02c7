import { describe, expect, test } from '@jest/globals';
import type { Entry } from '../files/place.ts';
import {
  chosenEntries,
  lineCount,
  newPane,
  type Pane,
  rowUnderCursor,
  updatePane,
} from './pane.ts';
import type { PaneEvent } from './pane-events.ts';
import { rowsByName } from './row-order.ts';

function file(name: string): Entry {
  return { name, kind: 'file', sizeBytes: 1, modifiedMs: 0, mode: undefined };
}

function updated(pane: Pane, ...events: readonly PaneEvent[]): Pane {
  return events.reduce(updatePane, pane);
}

function shown(...names: readonly string[]): Pane {
  return updated(
    newPane('remote', '/'),
    { type: 'entered', path: '/www', rows: rowsByName(names.map(file)), wanted: undefined },
    { type: 'complete' },
  );
}

const names = (pane: Pane) => pane.rows.map((row) => row.entry.name);
const marked = (pane: Pane) => pane.marks.all().map(({ path }) => path);
const under = (pane: Pane) => rowUnderCursor(pane)?.entry.name;

describe('a listing', () => {
  test('leaves what is shown until its first entries are there', () => {
    const pane = updated(shown('a'), { type: 'opening' });
    expect(names(pane)).toEqual(['a']);
    expect(pane.isLoading).toBe(true);
    const failed = updated(pane, { type: 'failed', message: '550 No.' });
    expect([names(failed), failed.path, failed.error]).toEqual([['a'], '/www', '550 No.']);
  });

  test('puts later batches in their place', () => {
    const pane = updated(shown('a', 'm', 'z'), {
      type: 'more',
      rows: rowsByName([file('b'), file('zz')]),
    });
    expect(names(pane)).toEqual(['a', 'b', 'm', 'z', 'zz']);
  });

  test('keeps the cursor on its entry while rows come above it', () => {
    const pane = updated(
      shown('m', 'z'),
      { type: 'movedTo', index: 2 },
      { type: 'more', rows: rowsByName([file('a'), file('b')]) },
    );
    expect(under(pane)).toBe('z');
  });

  test('puts the cursor on the wanted entry once it arrives', () => {
    const pane = updated(
      shown(),
      { type: 'entered', path: '/', rows: rowsByName([file('a')]), wanted: 'www' },
      { type: 'more', rows: rowsByName([file('b'), file('www')]) },
    );
    expect(under(pane)).toBe('www');
  });

  test('that was read anew drops marks of what is gone and no others', () => {
    const pane = updated(
      shown('a', 'b'),
      { type: 'allMarked', targetDirectory: '/t' },
      { type: 'entered', path: '/other', rows: rowsByName([file('c')]), wanted: undefined },
      { type: 'allMarked', targetDirectory: '/t' },
      { type: 'refreshed', rows: rowsByName([file('d')]) },
    );
    expect(marked(pane)).toEqual(['/www/a', '/www/b']);
  });
});

describe('the cursor', () => {
  test('starts on .. and stays within the lines', () => {
    const pane = shown('a', 'b');
    expect(under(pane)).toBeUndefined();
    expect(lineCount(pane)).toBe(3);
    expect(under(updated(pane, { type: 'moved', by: 99 }))).toBe('b');
    expect(updated(pane, { type: 'moved', by: -1 }).cursor).toBe(0);
  });

  test('is always on the screen', () => {
    const long = updated(shown(...Array.from({ length: 50 }, (_, index) => `f${index}`)), {
      type: 'resized',
      height: 5,
    });
    const low = updated(long, { type: 'movedTo', index: 20 });
    expect([low.cursor, low.top]).toEqual([20, 16]);
    expect(updated(low, { type: 'moved', by: -3 }).top).toBe(16);
    expect(updated(low, { type: 'moved', by: -10 }).top).toBe(10);
    expect(updated(low, { type: 'movedTo', index: 50 }, { type: 'resized', height: 40 }).top).toBe(
      11,
    );
  });
});

describe('the filter', () => {
  test('shows what has the text, in any case, and stands on the first', () => {
    const pane = updated(shown('Apple', 'pear', 'Grape'), { type: 'filtered', filter: 'AP' });
    expect(names(pane)).toEqual(['Apple', 'Grape']);
    expect(under(pane)).toBe('Apple');
  });

  test('taken away leaves the cursor on its entry', () => {
    const pane = updated(
      shown('apple', 'banana', 'cherry'),
      { type: 'filtered', filter: 'che' },
      { type: 'filtered', filter: '' },
    );
    expect([names(pane).length, under(pane)]).toEqual([3, 'cherry']);
  });

  test('holds for entries that come later', () => {
    const pane = updated(
      shown('apple'),
      { type: 'filtered', filter: 'ap' },
      { type: 'more', rows: rowsByName([file('grape'), file('kiwi')]) },
    );
    expect(names(pane)).toEqual(['apple', 'grape']);
  });
});

test('hidden names appear on demand', () => {
  const pane = shown('.git', 'a');
  expect(names(pane)).toEqual(['a']);
  expect(names(updated(pane, { type: 'hiddenToggled' }))).toEqual(['.git', 'a']);
});

test('the same order twice is turned, with the cursor on its entry', () => {
  const pane = updated(shown('a', 'b', 'c'), { type: 'movedTo', index: 1 });
  const turned = updated(pane, { type: 'sorted', by: 'name' });
  expect([names(turned), under(turned)]).toEqual([['c', 'b', 'a'], 'a']);
});

describe('marks', () => {
  test('move the cursor on, and are taken away by a second time', () => {
    const once = updated(
      shown('a', 'b'),
      { type: 'movedTo', index: 1 },
      { type: 'marked', targetDirectory: '/t' },
    );
    expect([marked(once), under(once)]).toEqual([['/www/a'], 'b']);
    const twice = updated(
      once,
      { type: 'movedTo', index: 1 },
      { type: 'marked', targetDirectory: '/t' },
    );
    expect(twice.marks.size).toBe(0);
  });

  test('.. cannot be marked', () => {
    expect(updated(shown('a'), { type: 'marked', targetDirectory: '/t' }).marks.size).toBe(0);
  });

  test('are kept over several directories, each with its target', () => {
    const pane = updated(
      shown('a'),
      { type: 'allMarked', targetDirectory: '/one' },
      { type: 'entered', path: '/x', rows: rowsByName([file('b')]), wanted: undefined },
      { type: 'allMarked', targetDirectory: '/two' },
    );
    const chosen = chosenEntries(pane, '/three');
    expect(chosen.map((mark) => [mark.path, mark.targetDirectory])).toEqual([
      ['/www/a', '/one'],
      ['/x/b', '/two'],
    ]);
  });

  test('all twice marks nothing, a pattern marks what matches, invert turns', () => {
    const target = { targetDirectory: '/t' };
    const all = updated(shown('a.txt', 'b.jpg'), { type: 'allMarked', ...target });
    expect(all.marks.size).toBe(2);
    expect(updated(all, { type: 'allMarked', ...target }).marks.size).toBe(0);
    const some = updated(shown('a.txt', 'b.jpg'), {
      type: 'patternMarked',
      pattern: '*.txt',
      ...target,
    });
    expect(marked(some)).toEqual(['/www/a.txt']);
    const turned = updated(some, { type: 'marksInverted', ...target });
    expect(marked(turned)).toEqual(['/www/b.jpg']);
  });

  test('are of rows in any order, and stay when the order changes', () => {
    const target = { targetDirectory: '/t' };
    const pane = updated(
      shown('a', 'b', 'c'),
      { type: 'sorted', by: 'name' },
      { type: 'movedTo', index: 1 },
      { type: 'marked', ...target },
      { type: 'movedTo', index: 3 },
      { type: 'marked', ...target },
    );
    expect(marked(pane)).toEqual(['/www/a', '/www/c']);
    const turned = updated(
      pane,
      { type: 'sorted', by: 'size' },
      { type: 'marksInverted', ...target },
    );
    expect(marked(turned)).toEqual(['/www/b']);
  });

  test('are found again in a directory that is opened again', () => {
    const pane = updated(
      shown('a', 'b'),
      { type: 'allMarked', targetDirectory: '/t' },
      { type: 'entered', path: '/www', rows: rowsByName([file('b'), file('c')]), wanted: 'b' },
    );
    expect(pane.rows.map((row) => pane.marks.has('/www', row))).toEqual([true, false]);
    const once = updated(pane, { type: 'marked', targetDirectory: '/t' });
    expect(marked(once)).toEqual(['/www/a']);
  });

  test('some of which are on their way leave the others', () => {
    const pane = updated(shown('a', 'b', 'c'), { type: 'allMarked', targetDirectory: '/t' });
    const chosen = chosenEntries(pane, '/t');
    expect(marked(updated(pane, { type: 'unmarked', chosen: chosen.slice(1) }))).toEqual([
      '/www/a',
    ]);
    expect(marked(updated(pane, { type: 'unmarked', chosen }))).toEqual([]);
  });

  test('only touch what the filter shows', () => {
    const pane = updated(
      shown('a.txt', 'b.jpg'),
      { type: 'filtered', filter: 'jpg' },
      { type: 'allMarked', targetDirectory: '/t' },
    );
    expect(marked(pane)).toEqual(['/www/b.jpg']);
  });

  test('without them an action is about the entry under the cursor, and .. is none', () => {
    const pane = shown('a');
    expect(chosenEntries(pane, '/t')).toEqual([]);
    const on = updated(pane, { type: 'moved', by: 1 });
    expect(chosenEntries(on, '/t').map((mark) => mark.path)).toEqual(['/www/a']);
  });
});

test('100,000 entries in batches do the work of a merge each, not of a sort', () => {
  const all = Array.from({ length: 100_000 }, (_, index) => file(`f${(index * 7919) % 100_003}`));
  let pane = updated(newPane('remote', '/'), {
    type: 'entered',
    path: '/big',
    rows: rowsByName(all.slice(0, 1000)),
    wanted: undefined,
  });
  for (let at = 1000; at < all.length; at += 9000) {
    pane = updatePane(pane, { type: 'more', rows: rowsByName(all.slice(at, at + 9000)) });
  }
  expect(pane.rows.length).toBe(100_000);
  expect(names(pane).slice(0, 3)).toEqual(['f0', 'f1', 'f2']);
});
