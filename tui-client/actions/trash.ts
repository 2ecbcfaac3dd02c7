import type { Using } from '../context/app-context.ts';
import { choicesIn } from '../dialogs/choices.ts';
import { failureText, isFailureOf } from '../errors/failure-text.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { DeletedFile } from '../remote/trash.ts';
import type { ListItem } from '../state/list-box.ts';
import {
  bytesInWords,
  counted,
  exactBytes,
  fullDate,
  shortBytes,
  shortDate,
} from '../text/format.ts';
import { refreshDirectory } from './read-directory.ts';
import { updateQuota } from './update-quota.ts';

type App = Using<'ui' | 'dialogs' | 'keymap' | 'connection' | 'places'>;

const EMPTY = 'empty';
const KINDS = { file: 'file', directory: 'directory', other: 'link or special file' };

/** The deleted files on the server: restores one, deletes one permanently, or empties the trash. */
export async function showTrash(app: App): Promise<void> {
  const session = app.connection.active?.session;
  if (session === undefined) return;
  if (!session.capabilities.hasBoth('SITE', 'TRASH')) {
    app.ui.notify('This server has no trash: what is deleted there is gone.');
    return;
  }
  const files = await session.trash.list();
  if (files.length === 0) {
    app.ui.notify(
      'The trash on the server is empty. Whether deleted files are kept is set on the server.',
    );
    return;
  }
  const isChanged = await pickFrom(app, { session, files });
  if (isChanged) await showTrash(app);
}

interface Trash {
  readonly session: RemoteSession;
  readonly files: readonly DeletedFile[];
}

/** @returns whether the list is to be shown again. */
async function pickFrom(app: App, trash: Trash): Promise<boolean> {
  const { session, files } = trash;
  const picked = await app.dialogs.pick({
    topic: 'trash',
    title: `Deleted files on ${session.site.host}`,
    items: itemsOf(files),
    hint: 'Enter: details and restore, Delete: delete permanently',
  });
  if (picked === undefined) return false;
  if (picked.id === EMPTY) return await emptyTrash(app, trash);
  const file = files.find(({ id }) => id === picked.id);
  if (file === undefined) return true;
  return picked.key === 'delete' ? await drop(app, session, file) : await act(app, session, file);
}

function itemsOf(files: readonly DeletedFile[]): readonly ListItem[] {
  const nowMs = Date.now();
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const items = files.map(({ id, path, kind, sizeBytes, deletedMs, isReplaced }) => ({
    id,
    columns: [
      shortDate(deletedMs, nowMs),
      (kind === 'directory' ? '<dir>' : shortBytes(sizeBytes)).padStart(6),
      isReplaced ? 'replaced' : 'deleted',
      kind === 'directory' ? `${path}/` : path,
    ],
  }));
  const all = `- empty the trash: ${counted(files.length, 'entry', 'entries')}, ${bytesInWords(bytes)}`;
  return [...items, { id: EMPTY, columns: ['', '', '', all] }];
}

/** Shows what is known of a file, and what can be done with it. */
async function act(app: App, session: RemoteSession, file: DeletedFile): Promise<boolean> {
  const answer = await app.dialogs.choose({
    topic: 'trash',
    title: nameOf(file),
    lines: factLines(file),
    choices: choicesIn(app.keymap, 'trash'),
    escape: 'back',
  });
  if (answer?.id === 'trash-restore') return await restore(app, session, { file });
  if (answer?.id === 'trash-restore-as') return await restoreAs(app, session, file);
  if (answer?.id === 'trash-drop') return await drop(app, session, file);
  return true;
}

function factLines({ path, kind, sizeBytes, ...file }: DeletedFile): readonly string[] {
  const how = file.isReplaced ? 'Replaced' : 'Deleted ';
  return [
    `Path      ${path}`,
    `Kind      ${KINDS[kind]}`,
    ...(kind === 'file' ? [`Size      ${exactBytes(sizeBytes)}`] : []),
    `${how}  ${fullDate(file.deletedMs)}`,
    `Kept      until ${fullDate(file.expiresMs)}`,
  ];
}

/** Asks for another name if something has this one. */
async function restore(
  app: App,
  session: RemoteSession,
  { file, to }: { readonly file: DeletedFile; readonly to?: string },
): Promise<boolean> {
  try {
    await session.trash.restore(file.id, to);
  } catch (error) {
    if (!isFailureOf(error, 'exists')) throw error;
    app.ui.notify(failureText(error), 'bad');
    return await restoreAs(app, session, file);
  }
  app.ui.notify(`Restored ${to ?? file.path}.`, 'good');
  await afterChange(app);
  return true;
}

async function restoreAs(app: App, session: RemoteSession, file: DeletedFile): Promise<boolean> {
  const typed = await app.dialogs.prompt({
    topic: 'trash',
    title: `Restore ${nameOf(file)}`,
    label: 'As',
    text: `${file.path}.restored`,
    hint: 'An absolute path; missing directories are created, and no file is replaced.',
  });
  if (typed === undefined || typed.trim() === '') return true;
  return await restore(app, session, { file, to: typed });
}

async function drop(app: App, session: RemoteSession, file: DeletedFile): Promise<boolean> {
  const isSure = await isConfirmed(app, [file.path, exactBytes(file.sizeBytes)]);
  if (!isSure) return true;
  await session.trash.drop(file.id);
  app.ui.notify(`Deleted ${file.path} permanently.`, 'good');
  await updateQuota(app);
  return true;
}

async function emptyTrash(app: App, { session, files }: Trash): Promise<boolean> {
  const entries = counted(files.length, 'entry', 'entries');
  const isSure = await isConfirmed(app, [`All that is in the trash: ${entries}`]);
  if (!isSure) return true;
  await session.trash.empty();
  app.ui.notify(`${entries} deleted permanently.`, 'good');
  await updateQuota(app);
  return false;
}

async function isConfirmed(
  app: Using<'dialogs' | 'keymap'>,
  lines: readonly string[],
): Promise<boolean> {
  const answer = await app.dialogs.choose({
    topic: 'delete',
    title: 'Delete permanently; it cannot be restored',
    tone: 'danger',
    lines,
    choices: choicesIn(app.keymap, 'delete'),
    escape: 'keep',
  });
  return answer !== undefined;
}

/** The restored file may lie in the directory that is shown. */
async function afterChange(app: App): Promise<void> {
  await refreshDirectory(app, 'right');
  await updateQuota(app);
}

function nameOf({ path }: DeletedFile): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
