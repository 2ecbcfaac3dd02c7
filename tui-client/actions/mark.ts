import type { Desk } from './desk.ts';

/** Marks what the pattern says, besides what is marked. */
export async function markByPattern(desk: Desk): Promise<void> {
  const pattern = await desk.sheets.prompt({
    title: 'Mark by a pattern',
    label: 'Pattern',
    text: '*.',
    hint: '* stands for any characters, ? for one, [a-z] for one of these',
  });
  if (pattern === undefined || pattern === '') return;
  desk.changeActive({ type: 'patternMarked', pattern, targetDirectory: desk.other.path });
  desk.tell(`${desk.active.marks.size} marked.`);
}

/** Marks in both panes what the other one lacks, or has in another size or time. */
export function markDifferences(desk: Desk): void {
  const { panes } = desk.store.get();
  let count = 0;
  for (const [side, other] of [['left', 'right'] as const, ['right', 'left'] as const]) {
    const there = new Map(panes[other].all.map((row) => [row.entry.name, row.entry]));
    const names = panes[side].rows
      .filter(({ entry }) => {
        const twin = there.get(entry.name);
        if (twin === undefined) return true;
        if (entry.kind === 'directory') return twin.kind !== 'directory';
        return twin.sizeBytes !== entry.sizeBytes || isNewer(entry, twin);
      })
      .map(({ entry }) => entry.name);
    desk.change(side, { type: 'marksCleared' });
    desk.change(side, { type: 'namesMarked', names, targetDirectory: panes[other].path });
    count += names.length;
  }
  desk.tell(
    count === 0
      ? 'Both panes have the same names, sizes and times.'
      : 'Marked: what the other pane lacks, and what is another size or newer. Directories were not looked into.',
  );
}

/** Servers keep whole seconds. */
function isNewer(
  entry: { readonly modifiedMs: number | undefined },
  twin: { readonly modifiedMs: number | undefined },
): boolean {
  if (entry.modifiedMs === undefined || twin.modifiedMs === undefined) return false;
  return entry.modifiedMs - twin.modifiedMs >= 2000;
}
