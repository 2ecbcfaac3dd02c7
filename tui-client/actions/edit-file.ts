import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { type Entry, joinPath } from '../place.ts';
import type { OctetSource } from '../remote/transfer-connection.ts';
import { rowUnderCursor } from '../state/pane.ts';
import { confirmUpload } from '../transfers/verify.ts';
import type { Desk } from './desk.ts';
import { failureText } from './failure-text.ts';
import { readBeginning } from './read-beginning.ts';
import { refreshDirectory } from './read-directory.ts';

/** An editor has the whole file at once. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Opens the file under the cursor in $EDITOR; one of the server is sent back if it was changed. */
export async function editFile(desk: Desk): Promise<void> {
  const pane = desk.active;
  const row = rowUnderCursor(pane);
  if (row === undefined || row.entry.kind === 'directory') {
    desk.tell('There is no file under the cursor.');
    return;
  }
  const path = joinPath(pane.path, row.entry.name);
  if (pane.place === 'local') await runEditor(desk, path);
  else await editRemote(desk, path, row.entry);
  await refreshDirectory(desk, desk.store.get().active);
}

async function editRemote(desk: Desk, path: string, entry: Entry): Promise<void> {
  desk.tell(`Fetching ${entry.name}`);
  // The pane may show the file as it was long ago.
  const before = (await desk.online?.session.place.stat(path)) ?? entry;
  const { octets, isCut } = await desk.foreground.run((signal) =>
    readBeginning(desk, 'right', { path, maxBytes: MOST_BYTES, signal }),
  );
  if (isCut) throw new Failure('local', 'The file is too long for an editor (64 MiB at most).');
  const { sizeBytes = octets.length } = before;
  if (octets.length < sizeBytes) {
    throw new Failure('network', `Only ${octets.length} of ${sizeBytes} bytes came; try again.`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'myftp-edit-'));
  const copy = join(directory, safeName(entry.name));
  await writeFile(copy, octets, { mode: 0o600 });
  try {
    await runEditor(desk, copy);
  } catch (error) {
    if (await isChanged(copy, octets)) {
      throw new Failure('local', `Your text is in ${copy}. ${failureText(error)}`);
    }
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  const edited = await readFile(copy);
  if (!edited.equals(octets)) await sendBack(desk, { path, entry: before, copy, edited });
  else desk.tell('Not changed.');
  await rm(directory, { recursive: true, force: true });
}

async function isChanged(copy: string, octets: Uint8Array): Promise<boolean> {
  const now = await readFile(copy).catch(() => undefined);
  return now !== undefined && !now.equals(octets);
}

async function sendBack(
  desk: Desk,
  file: { path: string; entry: Entry; copy: string; edited: Buffer },
): Promise<void> {
  const { path, entry, copy, edited } = file;
  if (!(await isAsBefore(desk, path, entry)) && !(await mayReplace(desk, path))) {
    throw new Failure('exists', `Not sent. Your text is in ${copy}.`);
  }
  try {
    const source = (async function* () {
      yield edited;
    })();
    await sendWhole(desk, { path, source, sizeBytes: edited.length });
    desk.tell(`${entry.name} is saved on the server.`, 'good');
  } catch (error) {
    throw new Failure('network', `Your text is in ${copy}. ${failureText(error)}`);
  }
}

/** @throws Failure also if the server has not kept all of it. */
async function sendWhole(
  desk: Desk,
  { path, source, sizeBytes }: { path: string; source: OctetSource; sizeBytes: number },
): Promise<void> {
  const session = desk.online?.session;
  if (session === undefined) throw new Failure('network', 'The connection was closed.');
  await session.upload(path, { source, sizeBytes });
  const { signal } = new AbortController();
  const confirmed = await confirmUpload(session, path, { own: undefined, sizeBytes, signal });
  if (confirmed instanceof Failure) throw confirmed;
}

async function isAsBefore(desk: Desk, path: string, entry: Entry): Promise<boolean> {
  const now = await desk.online?.session.place.stat(path);
  return now?.sizeBytes === entry.sizeBytes && now?.modifiedMs === entry.modifiedMs;
}

async function mayReplace(desk: Desk, path: string): Promise<boolean> {
  const chosen = await desk.sheets.choose({
    type: 'choice',
    topic: 'conflict',
    title: `${path} was changed on the server meanwhile`,
    tone: 'danger',
    lines: ['What was changed there is lost if your text takes its place.'],
    top: 0,
    choices: [{ id: 'overwrite', keys: ['o'], label: 'overwrite' }],
    escape: 'keep what is there',
    check: undefined,
  });
  return chosen?.id === 'overwrite';
}

async function runEditor(desk: Desk, path: string): Promise<void> {
  const { VISUAL, EDITOR } = desk.services.environment;
  const editor = VISUAL || EDITOR || 'vi';
  const code = await desk.term.lend(async () => {
    // The variable may hold flags, as `code --wait`.
    const child = spawn('/bin/sh', ['-c', `exec ${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    return exitCode;
  });
  if (code !== 0)
    throw new Failure('local', `The editor "${editor}" failed (${code ?? 'killed'}).`);
}

/** A name that looks like an option or leads elsewhere must not be a file's here. */
function safeName(name: string): string {
  return name.replaceAll('/', '_').replace(/^[-.]+/, '_') || '_';
}
