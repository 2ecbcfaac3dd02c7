import type { AppContext, Using } from '../context/app-context.ts';
import { choicesIn } from '../dialogs/choices.ts';
import { ELSEWHERE_TOO, elsewhereText, firstPaths } from '../dialogs/chosen-text.ts';
import { isCancelled } from '../errors/failure-text.ts';
import type { Place } from '../files/place.ts';
import { chosenInSight, type Pane } from '../state/pane.ts';
import { bytesInWords, counted } from '../text/format.ts';
import { activeScene } from './active-scene.ts';
import { stopHint } from './leave.ts';
import { refreshDirectory } from './read-directory.ts';
import { countEntries, NOTHING_COUNTED, type TreeCount, walk } from './walk.ts';

type Chosen = ReturnType<typeof chosenInSight>;

/** Deletes what is chosen, after it was counted before the user's eyes. */
export async function deleteFiles(app: AppContext): Promise<void> {
  const { side, pane, place } = activeScene(app);
  const inSight = chosenInSight(pane);
  const elsewhere = pane.marks.chosenOutside(pane.path);
  if (inSight.length + elsewhere.length === 0) {
    app.ui.notify('Nothing to delete.');
    return;
  }
  const chosen = await askToDelete(app, { pane, place, chosen: inSight });
  if (chosen.length === 0) return;
  const gone = await app.tasks.run((signal) => removeAll(app, { place, chosen, signal }));
  app.ui.changePane(side, { type: 'unmarked', chosen });
  app.ui.notify(`${counted(gone, 'entry', 'entries')} deleted.`, 'good');
}

/** Gives what is to go; nothing if the user keeps it. */
async function askToDelete(
  app: Using<'keymap' | 'dialogs' | 'tasks' | 'connection'>,
  { pane, place, chosen }: { pane: Pane; place: Place; chosen: Chosen },
): Promise<Chosen> {
  const counting = new AbortController();
  const elsewhere = pane.marks.chosenOutside(pane.path);
  const site = app.connection.active?.session.site;
  const where = pane.place === 'local' ? 'this machine' : (site?.host ?? 'the server');
  const below = [
    ...firstPaths(chosen),
    ...(elsewhere.length > 0 ? [elsewhereText(elsewhere)] : []),
  ];
  const answer = await app.dialogs.choose(
    {
      topic: 'delete',
      title: `Delete permanently from ${where}`,
      tone: 'danger',
      lines: [nameOf(chosen), ...below],
      choices: [
        ...(chosen.length > 0 ? choicesIn(app.keymap, 'delete') : []),
        ...(elsewhere.length > 0 ? [ELSEWHERE_TOO] : []),
      ],
      escape: 'keep',
    },
    {
      onOpened: () =>
        app.tasks.start(() => countAloud(app, { place, chosen, below, signal: counting.signal })),
    },
  );
  counting.abort();
  if (answer === undefined) return [];
  return answer.id === ELSEWHERE_TOO.id ? [...chosen, ...elsewhere] : chosen;
}

/** Shows the count on the dialog while it grows. */
async function countAloud(
  app: Using<'dialogs'>,
  {
    place,
    chosen,
    below,
    signal,
  }: { place: Place; chosen: Chosen; below: readonly string[]; signal: AbortSignal },
): Promise<void> {
  let count = countEntries(
    NOTHING_COUNTED,
    chosen.map(({ entry }) => entry),
  );
  const show = (end: string) => {
    signal.throwIfAborted();
    const lines = [`${nameOf(chosen)}: ${describeCount(count)}${end}`, ...below];
    app.dialogs.change({ type: 'linesChanged', lines });
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
    show(' at least; some entries could not be read');
  }
}

async function removeAll(
  app: Using<'ui' | 'keymap' | 'places'>,
  { place, chosen, signal }: { place: Place; chosen: Chosen; signal: AbortSignal },
): Promise<number> {
  let gone = 0;
  const { active } = app.ui.get();
  try {
    for (const { path } of chosen) {
      const before = gone;
      const onRemoved = (count: number) => {
        gone = before + count;
        app.ui.notify(`Deleting: ${counted(gone, 'entry', 'entries')} so far. ${stopHint(app)}`);
      };
      await place.remove(path, { signal, onRemoved });
      gone = Math.max(gone, before + 1);
    }
    return gone;
  } finally {
    await refreshDirectory(app, active);
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
  if (first === undefined) return 'Nothing in this directory';
  if (chosen.length === 1) {
    return `${first.entry.name}${first.entry.kind === 'directory' ? '/' : ''}`;
  }
  const parts = [
    directories > 0 ? counted(directories, 'directory', 'directories') : '',
    files > 0 ? counted(files, 'file') : '',
  ];
  return parts.filter(Boolean).join(' and ');
}
