import type { Using } from '../context/app-context.ts';
import { failureText, isCancelled } from '../errors/failure-text.ts';
import { joinPath, type Place } from '../files/place.ts';
import { globMatcher } from '../state/glob.ts';
import type { ListItem } from '../state/list-box.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import { shortBytes } from '../text/format.ts';
import { openDirectory } from './read-directory.ts';
import { type Found, walk } from './walk.ts';

const SHOWN_AFTER_MS = 200;

/** Looks for names below the directory; what is found can be gone to while the search runs on. */
export async function findBelow(
  app: Using<'ui' | 'dialogs' | 'tasks' | 'connection' | 'places'>,
): Promise<void> {
  const side = app.ui.get().active;
  const place = app.places.of(side);
  const { path } = app.ui.activePane;
  if (place === undefined) return;
  const wanted = await app.dialogs.prompt({
    topic: 'find',
    title: `Find in ${path} and its subdirectories`,
    label: 'Name',
    hint: 'Part of the name, or a pattern such as *.html',
  });
  if (wanted === undefined || wanted === '') return;
  const search = new AbortController();
  const picked = await app.dialogs.pick(
    {
      topic: 'find',
      title: `"${wanted}" in ${path}`,
      items: [],
      hint: 'Enter: show in the pane',
      isGrowing: true,
    },
    {
      onOpened: () =>
        app.tasks.start(() => searchAloud(app, { place, path, wanted, signal: search.signal })),
    },
  );
  search.abort();
  if (picked === undefined) return;
  await openDirectory(app, side, { path: parentOf(picked.id), wanted: baseName(picked.id) });
}

interface Search {
  readonly place: Place;
  readonly path: string;
  readonly wanted: string;
  readonly signal: AbortSignal;
}

async function searchAloud(app: Using<'ui' | 'dialogs'>, search: Search): Promise<void> {
  const { place, path, signal } = search;
  const matches = nameMatcher(search.wanted);
  let held: ListItem[] = [];
  let shownAtMs = 0;
  const show = () => {
    if (signal.aborted) return;
    if (held.length > 0) app.dialogs.change({ type: 'itemsAdded', items: held });
    held = [];
    shownAtMs = performance.now();
  };
  try {
    for await (const found of walk(place, path, signal)) {
      const fitting = found.filter(({ entry }) => matches(entry.name));
      held.push(...fitting.map((one) => itemFor(one, path)));
      if (performance.now() - shownAtMs > SHOWN_AFTER_MS) show();
    }
  } catch (error) {
    if (signal.aborted || isCancelled(error)) return;
    app.ui.notify(`Search incomplete: ${failureText(error)}`, 'bad');
  }
  show();
  if (!signal.aborted) app.dialogs.change({ type: 'grown' });
}

function itemFor({ path, entry }: Found, directory: string): ListItem {
  const isDirectory = entry.kind === 'directory';
  const shown = path.slice(joinPath(directory, '').length);
  return {
    id: path,
    columns: [
      `${shown}${isDirectory ? '/' : ''}`,
      isDirectory ? '<dir>' : shortBytes(entry.sizeBytes),
    ],
  };
}

function nameMatcher(wanted: string): (name: string) => boolean {
  if (/[*?[]/.test(wanted)) return globMatcher(wanted);
  const lower = wanted.toLowerCase();
  return (name) => name.toLowerCase().includes(lower);
}
