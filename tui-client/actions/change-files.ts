import { bytesInWords, counted, exactBytes } from '../format.ts';
import { joinPath, type Place } from '../place.ts';
import { chosenEntries, type Pane } from '../state/pane.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import type { Side } from '../state/ui.ts';
import { resolvePath } from './browse.ts';
import { choicesIn } from './choices.ts';
import type { Desk } from './desk.ts';
import { isCancelled } from './failure-text.ts';
import { stopHint } from './leave.ts';
import { refreshDirectory } from './read-directory.ts';
import { countEntries, NOTHING_COUNTED, type TreeCount, walk } from './walk.ts';

type Chosen = ReturnType<typeof chosenEntries>;

/** Makes a directory, with its parents, and stands on it. */
export async function makeDirectory(desk: Desk): Promise<void> {
  const { side, pane, place } = scene(desk);
  const name = await desk.sheets.prompt({
    title: `New directory in ${pane.path}`,
    label: 'Name',
    hint: 'Parents are made, too: a/b/c',
  });
  if (name === undefined || name.trim() === '') return;
  const path = resolvePath(name, pane, desk.services.paths.home);
  await place.makeDirectory(path);
  await refreshDirectory(desk, side, firstBelow(pane.path, path));
}

/** Renames what is under the cursor, or moves what is marked. */
export async function renameFiles(desk: Desk): Promise<void> {
  const { side, pane, place } = scene(desk);
  const chosen = chosenEntries(pane, pane.path);
  const [first] = chosen;
  if (first === undefined) {
    desk.tell('Nothing is under the cursor that could be renamed.');
    return;
  }
  const isOne = chosen.length === 1;
  const typed = await desk.sheets.prompt({
    title: isOne
      ? `Rename or move ${first.entry.name}`
      : `Move ${counted(chosen.length, 'entry', 'entries')}`,
    label: 'To',
    text: isOne ? first.entry.name : `${pane.path.replace(/\/$/, '')}/`,
    hint: isOne ? 'A new name, or a path' : 'A directory',
  });
  if (typed === undefined || typed === '') return;
  const to = resolvePath(typed, pane, desk.services.paths.home);
  const isInto = !isOne || typed.endsWith('/') || (await isDirectory(place, to, first.path));
  const renamed: (typeof first)[] = [];
  for (const one of chosen) {
    const target = isInto ? joinPath(to, one.entry.name) : to;
    if (await renameOne(desk, place, { from: one.path, to: target })) renamed.push(one);
  }
  if (renamed.length === 0) return;
  desk.change(side, { type: 'unmarked', chosen: renamed });
  await refreshDirectory(desk, side, isOne ? baseName(to) : undefined);
}

/** False if it stayed. */
async function renameOne(
  desk: Desk,
  place: Place,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<boolean> {
  if (from === to) return false;
  const there = await place.stat(to);
  if (there !== undefined) {
    const chosen = await desk.sheets.choose({
      type: 'choice',
      topic: 'conflict',
      title: `${baseName(to)} exists in ${parentOf(to)}`,
      tone: 'danger',
      lines: [
        `there    ${there.sizeBytes === undefined ? there.kind : exactBytes(there.sizeBytes)}`,
      ],
      top: 0,
      choices: [{ id: 'overwrite', keys: ['o'], label: 'overwrite' }],
      escape: 'keep both names',
      check: undefined,
    });
    if (chosen === undefined) return false;
  }
  await place.rename(from, to);
  return true;
}

/** Deletes what is chosen, after it was counted before the user's eyes. */
export async function deleteFiles(desk: Desk): Promise<void> {
  const { side, pane, place } = scene(desk);
  const chosen = chosenEntries(pane, pane.path);
  if (chosen.length === 0) {
    desk.tell('Nothing is under the cursor that could be deleted.');
    return;
  }
  if (!(await askToDelete(desk, { pane, place, chosen }))) return;
  const gone = await desk.foreground.run((signal) => removeAll(desk, { place, chosen, signal }));
  desk.change(side, { type: 'unmarked', chosen });
  desk.tell(`${counted(gone, 'entry', 'entries')} deleted.`, 'good');
}

async function askToDelete(
  desk: Desk,
  { pane, place, chosen }: { pane: Pane; place: Place; chosen: Chosen },
): Promise<boolean> {
  const counting = new AbortController();
  const what = nameOf(chosen);
  const site = desk.online?.session.site;
  const where = pane.place === 'local' ? 'this machine' : (site?.host ?? 'the server');
  const answer = await desk.sheets.choose(
    {
      type: 'choice',
      topic: 'delete',
      title: `Delete from ${where}, for good`,
      tone: 'danger',
      lines: [what],
      top: 0,
      choices: choicesIn(desk.keymap, 'delete'),
      escape: 'keep',
      check: undefined,
    },
    {
      onOpened: () =>
        desk.start(() => countAloud(desk, { place, chosen, signal: counting.signal })),
    },
  );
  counting.abort();
  return answer !== undefined;
}

/** Tells on the sheet how much there is, while it is being counted. */
async function countAloud(
  desk: Desk,
  { place, chosen, signal }: { place: Place; chosen: Chosen; signal: AbortSignal },
): Promise<void> {
  let count = countEntries(
    NOTHING_COUNTED,
    chosen.map(({ entry }) => entry),
  );
  const show = (end: string) => {
    signal.throwIfAborted();
    const lines = [`${nameOf(chosen)}: ${describeCount(count)}${end}`];
    desk.sheets.change({ type: 'linesChanged', lines });
  };
  try {
    show(' so far …');
    for (const { path, entry } of chosen) {
      if (entry.kind !== 'directory') continue;
      for await (const found of walk(place, path, signal)) {
        count = countEntries(
          count,
          found.map((one) => one.entry),
        );
        show(' so far …');
      }
    }
    show('');
  } catch (error) {
    if (signal.aborted || isCancelled(error)) return;
    show(' at least; not all could be read');
  }
}

async function removeAll(
  desk: Desk,
  { place, chosen, signal }: { place: Place; chosen: Chosen; signal: AbortSignal },
): Promise<number> {
  let gone = 0;
  const { active } = desk.store.get();
  try {
    for (const { path } of chosen) {
      const before = gone;
      const onRemoved = (count: number) => {
        gone = before + count;
        desk.tell(`Deleting: ${counted(gone, 'entry', 'entries')} gone. ${stopHint(desk)}`);
      };
      await place.remove(path, { signal, onRemoved });
      gone = Math.max(gone, before + 1);
    }
    return gone;
  } finally {
    await refreshDirectory(desk, active);
  }
}

export function describeCount(count: TreeCount): string {
  const files = counted(count.files, 'file');
  const inside =
    count.directories === 0 ? '' : ` in ${counted(count.directories, 'directory', 'directories')}`;
  return `${files}${inside}, ${bytesInWords(count.bytes)}`;
}

function nameOf(chosen: Chosen): string {
  const directories = chosen.filter(({ entry }) => entry.kind === 'directory').length;
  const files = chosen.length - directories;
  const [first] = chosen;
  if (chosen.length === 1 && first) {
    return `${first.entry.name}${first.entry.kind === 'directory' ? '/' : ''}`;
  }
  const parts = [
    directories > 0 ? counted(directories, 'directory', 'directories') : '',
    files > 0 ? counted(files, 'file') : '',
  ];
  return parts.filter(Boolean).join(' and ');
}

async function isDirectory(place: Place, path: string, from: string): Promise<boolean> {
  if (path === from) return false;
  return path === '/' || (await place.stat(path))?.kind === 'directory';
}

/** The component of a path that the pane shows. */
function firstBelow(directory: string, path: string): string | undefined {
  const prefix = joinPath(directory, '');
  return path.startsWith(prefix) ? path.slice(prefix.length).split('/')[0] : undefined;
}

function scene(desk: Desk): { side: Side; pane: Pane; place: Place } {
  const side = desk.store.get().active;
  const place = desk.placeOf(side);
  if (place === undefined) throw new Error('Not connected.');
  return { side, pane: desk.active, place };
}
