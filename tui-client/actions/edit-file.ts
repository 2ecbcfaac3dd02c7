import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppContext, Using } from '../context/app-context.ts';
import { chooseMarks } from '../dialogs/choose-marks.ts';
import { Failure } from '../errors/failure.ts';
import { failureText } from '../errors/failure-text.ts';
import type { Entry } from '../files/place.ts';
import { onDisk } from '../local/local-failure.ts';
import type { OctetSource } from '../remote/data/transfer-connection.ts';
import { confirmUpload, noteOf } from '../transfers/verify.ts';
import { readBeginning } from './read-beginning.ts';
import { refreshDirectory } from './read-directory.ts';

/** An editor has the whole file at once. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What came of a file of the server, for the user. */
interface Edited {
  readonly text: string;
  readonly tone: 'calm' | 'good';
  /** The server does not show what it has: it may not be there. */
  readonly keepsCopy?: true;
}

const NOT_CHANGED: Edited = { text: 'Not changed.', tone: 'calm' };

/** Opens what is marked, else the file under the cursor, in $EDITOR; one of the server is sent back if it was changed. */
export async function editFiles(app: AppContext): Promise<void> {
  const side = app.ui.get().active;
  const marks = chooseMarks(app, app.ui.activePane, 'Edit what?');
  const chosen = marks instanceof Promise ? await marks : marks;
  const files = chosen.filter(({ entry }) => entry.kind !== 'directory');
  if (files.length === 0) {
    app.ui.notify(chosen.length === 0 ? 'Nothing edited.' : 'No file under the cursor.');
    return;
  }
  let result: Edited | undefined;
  try {
    for (const file of files) {
      if (side === 'left') await runEditor(app, file.path);
      else result = await editRemote(app, file.path, file.entry);
      app.ui.changePane(side, { type: 'unmarked', chosen: [file] });
      if (result?.keepsCopy) break;
    }
  } finally {
    await refreshDirectory(app, side);
  }
  if (result !== undefined) app.ui.notify(result.text, result.tone);
}

async function editRemote(app: AppContext, path: string, entry: Entry): Promise<Edited> {
  app.ui.notify(`Downloading ${entry.name} …`);
  // The pane may show the file as it was long ago.
  const before = (await app.connection.active?.session.place.stat(path)) ?? entry;
  const octets = await fetchWhole(app, path, before);
  const directory = await mkdtemp(join(tmpdir(), 'myftp-edit-'));
  const copy = join(directory, safeName(entry.name));
  await writeFile(copy, octets, { mode: 0o600 });
  try {
    await runEditor(app, copy);
  } catch (error) {
    if (await isChanged(copy, octets)) {
      throw new Failure('local', `Your changes are in ${copy}. ${failureText(error)}`);
    }
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  const edited = await readEdited(copy);
  const result = edited.equals(octets)
    ? NOT_CHANGED
    : await sendBack(app, { path, entry: before, copy, edited });
  if (!result.keepsCopy) await rm(directory, { recursive: true, force: true });
  return result;
}

/** @throws Failure if it is too long for an editor, or if not all of it came. */
async function fetchWhole(
  app: Using<'tasks' | 'connection'>,
  path: string,
  entry: Entry,
): Promise<Uint8Array> {
  const { octets, isCut } = await app.tasks.run((signal) =>
    readBeginning(app, 'right', { path, maxBytes: MAX_BYTES, signal }),
  );
  if (isCut) throw new Failure('local', 'The file is too large to edit (maximum 64 MiB).');
  const { sizeBytes = octets.length } = entry;
  if (octets.length >= sizeBytes) return octets;
  throw new Failure('network', `Received only ${octets.length} of ${sizeBytes} bytes; try again.`);
}

/** @throws Failure if it cannot be read; then nothing is sent, and the copy stays. */
async function readEdited(copy: string): Promise<Buffer> {
  try {
    return await onDisk(copy, () => readFile(copy));
  } catch (error) {
    throw new Failure(
      'local',
      `Not uploaded: your edited copy cannot be read. ${failureText(error)}`,
    );
  }
}

async function isChanged(copy: string, octets: Uint8Array): Promise<boolean> {
  const now = await readFile(copy).catch(() => undefined);
  return now !== undefined && !now.equals(octets);
}

async function sendBack(
  app: Using<'dialogs' | 'connection'>,
  file: { path: string; entry: Entry; copy: string; edited: Buffer },
): Promise<Edited> {
  const { path, entry, copy, edited } = file;
  if (!(await isAsBefore(app, path, entry)) && !(await mayReplace(app, path))) {
    throw new Failure('exists', `Not uploaded. Your changes are in ${copy}.`);
  }
  try {
    const source = (async function* () {
      yield edited;
    })();
    const { note } = await sendWhole(app, { path, source, sizeBytes: edited.length });
    if (note === undefined) return { text: `Saved ${entry.name} on the server.`, tone: 'good' };
    return { text: `Your changes are also in ${copy}. ${note}`, tone: 'calm', keepsCopy: true };
  } catch (error) {
    throw new Failure('network', `Your changes are in ${copy}. ${failureText(error)}`);
  }
}

/** @throws Failure also if the server has not kept all of it. */
async function sendWhole(
  app: Using<'connection'>,
  { path, source, sizeBytes }: { path: string; source: OctetSource; sizeBytes: number },
): Promise<{ readonly note?: string }> {
  const session = app.connection.active?.session;
  if (session === undefined) throw new Failure('network', 'The connection was closed.');
  await session.upload(path, { source, sizeBytes });
  const { signal } = new AbortController();
  const confirmed = await confirmUpload(session, path, { own: undefined, sizeBytes, signal });
  if (confirmed instanceof Failure) throw confirmed;
  return noteOf(confirmed);
}

async function isAsBefore(app: Using<'connection'>, path: string, entry: Entry): Promise<boolean> {
  const now = await app.connection.active?.session.place.stat(path);
  return now?.sizeBytes === entry.sizeBytes && now?.modifiedMs === entry.modifiedMs;
}

async function mayReplace(app: Using<'dialogs'>, path: string): Promise<boolean> {
  const chosen = await app.dialogs.choose({
    topic: 'conflict',
    title: `${path} has changed on the server while you were editing`,
    tone: 'danger',
    lines: ['Overwriting it discards the changes made on the server.'],
    choices: [{ id: 'overwrite', keys: ['o'], label: 'overwrite' }],
    escape: 'keep the version on the server',
  });
  return chosen?.id === 'overwrite';
}

async function runEditor(app: Using<'terminal' | 'services'>, path: string): Promise<void> {
  const { VISUAL, EDITOR } = app.services.environment;
  const editor = VISUAL || EDITOR || 'vi';
  const code = await app.terminal.lend(async () => {
    // The variable may hold flags, as `code --wait`.
    const child = spawn('/bin/sh', ['-c', `exec ${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    return exitCode;
  });
  if (code === 0) return;
  // Without its arguments, because a notice has one line.
  const [program] = editor.trim().split(/\s/);
  throw new Failure('local', `The editor "${program}" failed (${code ?? 'killed'}).`);
}

/** A name that looks like an option or leads elsewhere must not be a file's here. */
function safeName(name: string): string {
  return name.replaceAll('/', '_').replace(/^[-.]+/, '_') || '_';
}
