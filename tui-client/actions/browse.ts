import { joinPath } from '../place.ts';
import { type Pane, rowUnderCursor } from '../state/pane.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import { otherSide, type Side } from '../state/ui.ts';
import type { Desk } from './desk.ts';
import { openDirectory, refreshDirectory } from './read-directory.ts';
import { viewFile } from './view-file.ts';

/** Into a directory, or out of it through `..`; a file is viewed. */
export async function enter(desk: Desk): Promise<void> {
  const pane = desk.active;
  const row = rowUnderCursor(pane);
  if (row === undefined) return leaveToParent(desk);
  const path = joinPath(pane.path, row.entry.name);
  if (row.entry.kind === 'file') return viewFile(desk);
  if (await openDirectory(desk, desk.store.get().active, { path })) {
    await follow(desk, (other) => joinPath(other.path, row.entry.name));
    return;
  }
  // Servers do not always tell where a link leads.
  if (row.entry.kind === 'link') await viewFile(desk);
}

export async function leaveToParent(desk: Desk): Promise<void> {
  const { path } = desk.active;
  if (path === '/') return;
  const side = desk.store.get().active;
  const wanted = baseName(path);
  if (await openDirectory(desk, side, { path: parentOf(path), wanted })) {
    await follow(desk, (other) => parentOf(other.path));
  }
}

/** Shows a path that was typed, relative to what is shown. A file's directory, with the cursor on it. */
async function goTo(desk: Desk, side: Side, typed: string): Promise<void> {
  const path = resolvePath(typed, desk.store.get().panes[side], desk.services.paths.home);
  const entry = path === '/' ? undefined : await desk.placeOf(side)?.stat(path);
  const isFile = entry !== undefined && entry.kind === 'file';
  await openDirectory(desk, side, {
    path: isFile ? parentOf(path) : path,
    wanted: isFile ? baseName(path) : undefined,
  });
}

export async function askWhereTo(desk: Desk): Promise<void> {
  const side = desk.store.get().active;
  const typed = await desk.sheets.prompt({
    title: side === 'left' ? 'Go to a local directory' : 'Go to a directory of the server',
    label: 'Path',
    text: `${desk.active.path.replace(/\/$/, '')}/`,
  });
  if (typed !== undefined && typed.trim() !== '') await goTo(desk, side, typed.trim());
}

/** The directory under the same name below the other pane's. */
export async function openSameDirectory(desk: Desk): Promise<void> {
  const { active } = desk.store.get();
  const name = baseName(desk.active.path);
  const other = desk.other;
  if (name === '' || baseName(other.path) === name) {
    desk.tell('The other pane is in a directory of this name already.');
    return;
  }
  await openDirectory(desk, otherSide(active), { path: joinPath(other.path, name) });
}

/** While the connection is lost, the server's directory too: that makes it again. */
export async function reload(desk: Desk): Promise<void> {
  const { active, connection } = desk.store.get();
  const isLost = connection.state === 'lost';
  const sides: readonly Side[] = isLost && active === 'left' ? ['left', 'right'] : [active];
  await Promise.all(sides.map((side) => refreshDirectory(desk, side)));
}

export function turnToOtherPane(desk: Desk): void {
  desk.store.dispatch({ type: 'activated', side: otherSide(desk.store.get().active) });
}

export function toggleStep(desk: Desk): void {
  desk.store.dispatch({ type: 'stepToggled' });
  const { isInStep } = desk.store.get();
  desk.tell(isInStep ? 'Both panes now go in step.' : 'Each pane goes its own way again.');
}

/** In step, the other pane goes the same way if it can. */
async function follow(desk: Desk, pathIn: (other: Pane) => string): Promise<void> {
  const { isInStep, active } = desk.store.get();
  if (!isInStep) return;
  const side = otherSide(active);
  if (!(await openDirectory(desk, side, { path: pathIn(desk.other) }))) {
    desk.tell('The other pane has no such directory and stays.');
  }
}

/** An absolute path without `.` and `..`. */
export function resolvePath(
  typed: string,
  pane: Pick<Pane, 'path' | 'place'>,
  home: string,
): string {
  const isHome = pane.place === 'local' && /^~(?=\/|$)/.test(typed);
  const full = isHome ? home + typed.slice(1) : typed;
  const absolute = full.startsWith('/') ? full : joinPath(pane.path, full);
  const parts: string[] = [];
  for (const part of absolute.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
