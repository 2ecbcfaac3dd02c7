import type { Using } from '../context/app-context.ts';
import { chooseMarks } from '../dialogs/choose-marks.ts';
import { joinPath, type Place } from '../files/place.ts';
import type { Pane } from '../state/pane.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import { counted, exactBytes } from '../text/format.ts';
import { activeScene } from './active-scene.ts';
import { resolvePath } from './browse.ts';
import { refreshDirectory } from './read-directory.ts';

/** Makes a directory, with its parents, and stands on it. */
export async function makeDirectory(
  app: Using<'ui' | 'dialogs' | 'places' | 'services'>,
): Promise<void> {
  const { side, pane, place } = activeScene(app);
  const name = await app.dialogs.prompt({
    title: `New directory in ${pane.path}`,
    label: 'Name',
    hint: 'Missing parents are created: a/b/c',
  });
  if (name === undefined || name.trim() === '') return;
  const path = resolvePath(name, pane, app.services.paths.home);
  await place.makeDirectory(path);
  await refreshDirectory(app, side, firstBelow(pane.path, path));
}

/** Renames what is under the cursor, or moves what is marked. */
export async function renameFiles(
  app: Using<'ui' | 'dialogs' | 'places' | 'services'>,
): Promise<void> {
  const { side, pane, place } = activeScene(app);
  const marks = chooseMarks(app, pane, 'Rename or move what?');
  // The next keys are for the prompt, which must be open at once.
  const chosen = marks instanceof Promise ? await marks : marks;
  const [first] = chosen;
  if (first === undefined) {
    app.ui.notify('Nothing renamed.');
    return;
  }
  const isOne = chosen.length === 1 && parentOf(first.path) === pane.path;
  const typed = await askForNewName(app, pane, isOne ? first.entry.name : chosen.length);
  if (typed === undefined || typed === '') return;
  const to = resolvePath(typed, pane, app.services.paths.home);
  const isInto = !isOne || typed.endsWith('/') || (await isDirectory(place, to, first.path));
  const renamed: (typeof first)[] = [];
  for (const one of chosen) {
    const target = isInto ? joinPath(to, one.entry.name) : to;
    if (await renameOne(app, place, { from: one.path, to: target })) renamed.push(one);
  }
  if (renamed.length === 0) return;
  app.ui.changePane(side, { type: 'unmarked', chosen: renamed });
  await refreshDirectory(app, side, isOne ? baseName(to) : undefined);
}

/** @param what the name of one entry, or the number of several. */
function askForNewName(
  app: Using<'dialogs'>,
  pane: Pane,
  what: string | number,
): Promise<string | undefined> {
  if (typeof what === 'string') {
    const title = `Rename or move ${what}`;
    return app.dialogs.prompt({ title, label: 'To', text: what, hint: 'A new name, or a path' });
  }
  return app.dialogs.prompt({
    title: `Move ${counted(what, 'entry', 'entries')}`,
    label: 'To',
    text: `${pane.path.replace(/\/$/, '')}/`,
    hint: 'A directory',
  });
}

/** False if it stayed. */
async function renameOne(
  app: Using<'dialogs'>,
  place: Place,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<boolean> {
  if (from === to) return false;
  const there = await place.stat(to);
  if (there !== undefined) {
    const chosen = await app.dialogs.choose({
      topic: 'conflict',
      title: `${baseName(to)} exists in ${parentOf(to)}`,
      tone: 'danger',
      lines: [
        `exists   ${there.sizeBytes === undefined ? there.kind : exactBytes(there.sizeBytes)}`,
      ],
      choices: [{ id: 'overwrite', keys: ['o'], label: 'overwrite' }],
      escape: 'keep both names',
    });
    if (chosen === undefined) return false;
  }
  await place.rename(from, to);
  return true;
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
