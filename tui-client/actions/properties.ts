import type { Using } from '../context/app-context.ts';
import { failureText } from '../errors/failure-text.ts';
import { ALGORITHMS, type Algorithm } from '../files/digest.ts';
import { modeLetters, octalMode } from '../files/mode-change.ts';
import { type Entry, joinPath, type Place } from '../files/place.ts';
import { rowUnderCursor } from '../state/pane.ts';
import { otherSide } from '../state/ui.ts';
import { approximateDate, exactBytes, fullDate } from '../text/format.ts';
import { describeCount } from './delete-files.ts';
import { countEntries, NOTHING_COUNTED, walk } from './walk.ts';

const KINDS = { file: 'file', directory: 'directory', link: 'link', other: 'special file' };

interface Subject {
  readonly place: Place;
  readonly path: string;
  readonly entry: Entry;
  /** The file of this name in the other pane, if it has the same size. */
  readonly twin: { readonly place: Place; readonly path: string } | undefined;
}

/** Facts of what is under the cursor: its checksum, or how much a directory holds. */
export async function showProperties(
  app: Using<'ui' | 'dialogs' | 'tasks' | 'connection' | 'places'>,
): Promise<void> {
  const subject = subjectUnderCursor(app);
  if (subject === undefined) {
    app.ui.notify('No file or directory under the cursor.');
    return;
  }
  const open = new AbortController();
  const facts = factLines(subject);
  await app.dialogs.choose(
    {
      topic: 'properties',
      title: subject.entry.name,
      lines: facts,
      escape: 'close',
    },
    {
      onOpened: () =>
        app.tasks.start(() => lookCloser(app, { subject, facts, signal: open.signal })),
    },
  );
  open.abort();
}

function subjectUnderCursor(app: Using<'ui' | 'places'>): Subject | undefined {
  const side = app.ui.get().active;
  const row = rowUnderCursor(app.ui.activePane);
  const place = app.places.of(side);
  if (row === undefined || place === undefined) return undefined;
  const { entry } = row;
  const other = app.ui.otherPane.all.find((one) => one.entry.name === entry.name)?.entry;
  const otherPlace = app.places.of(otherSide(side));
  const isTwin = otherPlace && other?.kind === 'file' && other.sizeBytes === entry.sizeBytes;
  return {
    place,
    path: joinPath(app.ui.activePane.path, entry.name),
    entry,
    twin: isTwin
      ? { place: otherPlace, path: joinPath(app.ui.otherPane.path, entry.name) }
      : undefined,
  };
}

function factLines({ path, entry }: Subject): readonly string[] {
  const lines = [
    `Path      ${path}`,
    `Kind      ${KINDS[entry.kind]}${entry.isPartial ? ', partial upload: copy it again to resume' : ''}`,
  ];
  if (entry.linkTarget !== undefined) lines.push(`Link to   ${entry.linkTarget}`);
  if (entry.kind !== 'directory' && entry.sizeBytes !== undefined) {
    lines.push(`Size      ${exactBytes(entry.sizeBytes)}`);
  }
  const time = fullDate(entry.modifiedMs) || approximateDate(entry.approximateTime);
  if (time !== '') lines.push(`Modified  ${time}`);
  if (entry.mode !== undefined)
    lines.push(`Mode      ${modeLetters(entry.mode)}  ${octalMode(entry.mode)}`);
  return lines;
}

/** What takes a while is added when it is known. */
async function lookCloser(
  app: Using<'dialogs' | 'connection'>,
  { subject, facts, signal }: { subject: Subject; facts: readonly string[]; signal: AbortSignal },
): Promise<void> {
  const show = (line: string) => {
    if (signal.aborted) return;
    app.dialogs.change({ type: 'linesChanged', lines: [...facts, line] });
  };
  try {
    if (subject.entry.kind === 'link') show(await targetLine(subject));
    if (subject.entry.kind === 'directory') await showCount(subject, signal, show);
    if (subject.entry.kind === 'file') await showDigest(app, { subject, signal, show });
  } catch (error) {
    show(failureText(error));
  }
}

async function targetLine({ place, path }: Subject): Promise<string> {
  const target = await place.follow(path);
  if (target === undefined || target.kind === 'link') return 'Target    none: broken link';
  const { kind, sizeBytes } = target;
  const size = kind === 'file' && sizeBytes !== undefined ? `, ${exactBytes(sizeBytes)}` : '';
  return `Target    ${KINDS[kind]}${size}`;
}

async function showCount(
  { place, path }: Subject,
  signal: AbortSignal,
  show: (line: string) => void,
): Promise<void> {
  let count = NOTHING_COUNTED;
  for await (const found of walk(place, path, signal)) {
    count = countEntries(
      count,
      found.map(({ entry }) => entry),
    );
    show(`Contains  ${describeCount(count)} so far …`);
  }
  show(`Contains  ${describeCount(count)}`);
}

async function showDigest(
  app: Using<'connection'>,
  request: { subject: Subject; signal: AbortSignal; show: (line: string) => void },
): Promise<void> {
  const { subject, signal, show } = request;
  const algorithm = algorithmFor(app);
  if (subject.place.kind === 'remote' && algorithm === undefined) {
    show('Checksum  not supported by the server');
    return;
  }
  const name = algorithm ?? 'SHA-256';
  show(`${name.padEnd(9)} computing …`);
  const hex = await subject.place.digest(subject.path, name, signal);
  if (hex === undefined) {
    show(`${name.padEnd(9)} not available`);
    return;
  }
  const line = `${name.padEnd(9)} ${hex}`;
  show(line);
  if (subject.twin === undefined) return;
  const twin = await subject.twin.place.digest(subject.twin.path, name, signal);
  if (twin === undefined) return;
  show(`${line}  ${twin === hex ? '= the same as' : '≠ NOT the same as'} in the other pane`);
}

/** The one that both sides compute. */
function algorithmFor(app: Using<'connection'>): Algorithm | undefined {
  const known = app.connection.active?.session.capabilities.algorithms;
  if (known === undefined) return 'SHA-256';
  return ALGORITHMS.find((one) => known.includes(one));
}
