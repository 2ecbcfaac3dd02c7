import type { Using } from '../context/app-context.ts';
import type { Entry } from '../files/place.ts';
import { compareNames, type Row } from '../state/row-order.ts';
import { counted } from '../text/format.ts';
import { timeOrder } from '../transfers/time-order.ts';

/** Marks what the pattern says, besides what is marked. */
export async function markByPattern(app: Using<'ui' | 'dialogs'>): Promise<void> {
  const pattern = await app.dialogs.prompt({
    title: 'Mark by pattern',
    label: 'Pattern',
    text: '*.',
    hint: '* matches any characters, ? one character, [a-z] one of a range',
  });
  if (pattern === undefined || pattern === '') return;
  app.ui.changeActivePane({
    type: 'patternMarked',
    pattern,
    targetDirectory: app.ui.otherPane.path,
  });
  app.ui.notify(`${app.ui.activePane.marks.size} marked.`);
}

/** Marks in both panes what the other one lacks, or has in another size or time. */
export function markDifferences(app: Using<'ui'>): void {
  const { panes } = app.ui.get();
  for (const { path, gap } of [panes.left, panes.right]) {
    if (gap === undefined) continue;
    app.ui.notify(`Cannot compare: the listing of ${path} is incomplete: ${gap}`, 'bad');
    return;
  }
  let count = 0;
  const untold = panes.right.shown.filter(({ entry }) => isUntold(entry)).length;
  for (const [side, other] of [['left', 'right'] as const, ['right', 'left'] as const]) {
    const rows = differences(panes[side].shown, panes[other].all);
    app.ui.changePane(side, { type: 'marksCleared' });
    app.ui.changePane(side, { type: 'rowsMarked', rows, targetDirectory: panes[other].path });
    count += rows.length;
  }
  const told =
    count === 0
      ? 'Both panes have the same names, sizes and times.'
      : 'Marked entries that are missing in the other pane, newer, or of another size; directories were not compared.';
  const caution = `The server reports no time for ${counted(untold, 'file')}; only sizes were compared.`;
  app.ui.notify(untold === 0 ? told : `${count} marked. ${caution}`);
}

function isUntold({ kind, modifiedMs }: Entry): boolean {
  return kind === 'file' && modifiedMs === undefined;
}

/** Both are in order of name. */
function differences(rows: readonly Row[], others: readonly Row[]): readonly Row[] {
  let next = 0;
  return rows.filter((row) => {
    for (let other = others[next]; other !== undefined; other = others[++next]) {
      const order = compareNames(other, row);
      if (order < 0) continue;
      return order > 0 || isOther(row.entry, other.entry);
    }
    return true;
  });
}

function isOther(entry: Entry, twin: Entry): boolean {
  if (entry.kind === 'directory') return false;
  return twin.sizeBytes !== entry.sizeBytes || isNewer(entry, twin);
}

/** Servers keep whole seconds. */
function isNewer(entry: Entry, twin: Entry): boolean {
  return timeOrder(entry, twin, 2000) === 'after';
}
