import { shortBytes } from '../format.ts';
import { joinPath, type Place } from '../place.ts';
import { globMatcher } from '../state/glob.ts';
import type { ListItem } from '../state/list-box.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import type { Desk } from './desk.ts';
import { failureText, isCancelled } from './failure-text.ts';
import { openDirectory } from './read-directory.ts';
import { type Found, walk } from './walk.ts';

const SHOWN_AFTER_MS = 200;

/** Looks for names below the directory; what is found can be gone to while the search runs on. */
export async function findBelow(desk: Desk): Promise<void> {
  const side = desk.store.get().active;
  const place = desk.placeOf(side);
  const { path } = desk.active;
  if (place === undefined) return;
  const wanted = await desk.sheets.prompt({
    topic: 'find',
    title: `Find below ${path}`,
    label: 'Name',
    hint: 'A part of it, or a pattern such as *.html',
  });
  if (wanted === undefined || wanted === '') return;
  const search = new AbortController();
  const picked = await desk.sheets.pick(
    {
      topic: 'find',
      title: `"${wanted}" below ${path}`,
      items: [],
      hint: 'Enter goes there',
      isGrowing: true,
    },
    {
      onOpened: () =>
        desk.start(() => searchAloud(desk, { place, path, wanted, signal: search.signal })),
    },
  );
  search.abort();
  if (picked === undefined) return;
  await openDirectory(desk, side, { path: parentOf(picked.id), wanted: baseName(picked.id) });
}

interface Search {
  readonly place: Place;
  readonly path: string;
  readonly wanted: string;
  readonly signal: AbortSignal;
}

async function searchAloud(desk: Desk, search: Search): Promise<void> {
  const { place, path, signal } = search;
  const matches = nameMatcher(search.wanted);
  let held: ListItem[] = [];
  let shownAtMs = 0;
  const show = () => {
    if (signal.aborted) return;
    if (held.length > 0) desk.sheets.change({ type: 'itemsAdded', items: held });
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
    desk.tell(`Not everything was searched: ${failureText(error)}`, 'bad');
  }
  show();
  if (!signal.aborted) desk.sheets.change({ type: 'grown' });
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
