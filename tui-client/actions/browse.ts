import type { Using } from '../context/app-context.ts';
import { joinPath } from '../files/place.ts';
import { type Pane, rowUnderCursor } from '../state/pane.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import { otherSide, type Side } from '../state/ui.ts';
import { openDirectory, refreshDirectory } from './read-directory.ts';
import { viewFile } from './view-file.ts';

/** Into a directory, or out of it through `..`; a file is viewed. */
export async function enter(app: Using<'ui' | 'tasks' | 'connection' | 'places'>): Promise<void> {
  const pane = app.ui.activePane;
  const row = rowUnderCursor(pane);
  if (row === undefined) return leaveToParent(app);
  const path = joinPath(pane.path, row.entry.name);
  if (row.entry.kind === 'file') return viewFile(app);
  if (await openDirectory(app, app.ui.get().active, { path })) {
    await follow(app, (other) => joinPath(other.path, row.entry.name));
    return;
  }
  // Servers do not always tell where a link leads.
  if (row.entry.kind === 'link') await viewFile(app);
}

export async function leaveToParent(app: Using<'ui' | 'connection' | 'places'>): Promise<void> {
  const { path } = app.ui.activePane;
  if (path === '/') return;
  const side = app.ui.get().active;
  const wanted = baseName(path);
  if (await openDirectory(app, side, { path: parentOf(path), wanted })) {
    await follow(app, (other) => parentOf(other.path));
  }
}

/** Shows a path that was typed, relative to what is shown. A file's directory, with the cursor on it. */
async function goTo(
  app: Using<'ui' | 'connection' | 'places' | 'services'>,
  side: Side,
  typed: string,
): Promise<void> {
  const path = resolvePath(typed, app.ui.get().panes[side], app.services.paths.home);
  const entry = path === '/' ? undefined : await app.places.of(side)?.stat(path);
  const isFile = entry !== undefined && entry.kind === 'file';
  await openDirectory(app, side, {
    path: isFile ? parentOf(path) : path,
    wanted: isFile ? baseName(path) : undefined,
  });
}

export async function askWhereTo(
  app: Using<'ui' | 'dialogs' | 'connection' | 'places' | 'services'>,
): Promise<void> {
  const side = app.ui.get().active;
  const typed = await app.dialogs.prompt({
    title: side === 'left' ? 'Go to a local directory' : 'Go to a directory of the server',
    label: 'Path',
    text: `${app.ui.activePane.path.replace(/\/$/, '')}/`,
  });
  if (typed !== undefined && typed.trim() !== '') await goTo(app, side, typed.trim());
}

/** The directory under the same name below the other pane's. */
export async function openSameDirectory(app: Using<'ui' | 'connection' | 'places'>): Promise<void> {
  const { active } = app.ui.get();
  const name = baseName(app.ui.activePane.path);
  const other = app.ui.otherPane;
  if (name === '' || baseName(other.path) === name) {
    app.ui.notify('The other pane already shows a directory of this name.');
    return;
  }
  await openDirectory(app, otherSide(active), { path: joinPath(other.path, name) });
}

/** While the connection is lost, the server's directory too: that makes it again. */
export async function reload(app: Using<'ui' | 'places'>): Promise<void> {
  const { active, connection } = app.ui.get();
  const isLost = connection.state === 'lost';
  const sides: readonly Side[] = isLost && active === 'left' ? ['left', 'right'] : [active];
  await Promise.all(sides.map((side) => refreshDirectory(app, side)));
}

export function turnToOtherPane(app: Using<'ui'>): void {
  app.ui.dispatch({ type: 'activated', side: otherSide(app.ui.get().active) });
}

export function toggleStep(app: Using<'ui'>): void {
  app.ui.dispatch({ type: 'stepToggled' });
  const { isInStep } = app.ui.get();
  app.ui.notify(isInStep ? 'Synchronized browsing on.' : 'Synchronized browsing off.');
}

/** In step, the other pane goes the same way if it can. */
async function follow(
  app: Using<'ui' | 'connection' | 'places'>,
  pathIn: (other: Pane) => string,
): Promise<void> {
  const { isInStep, active } = app.ui.get();
  if (!isInStep) return;
  const side = otherSide(active);
  if (!(await openDirectory(app, side, { path: pathIn(app.ui.otherPane) }))) {
    app.ui.notify('The other pane has no such directory; it stays where it is.');
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
