import fs, { constants } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { copyOctets, shareBlocks } from '../disk/copy-octets.ts';
import {
  closeQuietly,
  closeWritten,
  ignoreMissing,
  openFile,
  rename,
  truncate,
  unlink,
  writeAt,
} from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import type { Durability } from '../disk/durability.ts';
import { changeMode, giveToIfPossible } from '../disk/ownership.ts';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Up to here a file is copied, the octets are added to the copy, and the copy takes its place in one step. To
 * copy more for each line of a log would cost more than the line.
 */
const COPIED_UP_TO_BYTES = 1024 * 1024;

/** Suffix of the note that an append in place leaves until it is complete, beside the staging file. */
const NOTE_SUFFIX = '.append';

/** Suffix of the copy that is appended to before it replaces the file, beside the staging file. */
const COPY_SUFFIX = '.copy';

interface Append {
  /** The file to append to, through its directory, which is held. */
  readonly target: string;
  /** Path of the same file that is valid after a restart. */
  readonly targetPath: string;
  /** Path of the octets to append. The file is kept. */
  readonly stagedPath: string;
  readonly durability: Durability;
  /** Called when the file begins to be appended to in place; what it returns when the file is complete again. */
  readonly onInPlace: () => () => void;
}

/**
 * Appends the octets of a staging file to a published file. If the process dies, the file then contains all of them or
 * none (see {@link undoAppend}).
 *
 * @returns the previous size of the file; undefined if there is no plain file of that name.
 */
export async function appendFile(append: Append): Promise<number | undefined> {
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  const descriptor = await openFile(append.target, flags).catch(ignoreMissing);
  if (descriptor === undefined) return undefined;
  try {
    const stats = fs.fstatSync(descriptor);
    if (!stats.isFile()) throw Object.assign(new Error('not a plain file'), { code: 'ENXIO' });
    const appended = { ...append, descriptor, stats };
    if (!(await appendToCopy(appended))) await appendInPlace(appended);
    return stats.size;
  } finally {
    closeQuietly(descriptor);
  }
}

interface OpenAppend extends Append {
  readonly descriptor: number;
  readonly stats: fs.Stats;
}

/**
 * False if the file is too large to be copied. A file with several names is always copied: a name that was created
 * elsewhere, as for a backup, must not change with it.
 */
async function appendToCopy({
  descriptor,
  stats,
  target,
  stagedPath,
  durability,
}: OpenAppend): Promise<boolean> {
  const copyPath = `${stagedPath}${COPY_SUFFIX}`;
  let isInPlace = false;
  try {
    const copy = await openFile(copyPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
    try {
      if (!(await cloned(descriptor, copy, stats.size))) {
        if (stats.size > COPIED_UP_TO_BYTES && stats.nlink === 1) return false;
        await copyAll(descriptor, copy, { sizeBytes: stats.size, toBytes: 0 });
      }
      await copyStaged(stagedPath, copy, stats.size);
      keepAttributes(copy, stats);
      await durability.file(copy);
    } finally {
      // Before the rename: a program that watches the directory sees the file arrive once.
      await closeWritten(copy);
    }
    await rename(copyPath, target, stats.size);
    isInPlace = true;
    return true;
  } finally {
    if (!isInPlace) await unlink(copyPath).catch(ignoreMissing);
  }
}

/** The file stays the same for its readers: its mode, and as far as the server may, its owner. */
function keepAttributes(copy: number, { mode, uid, gid }: fs.Stats): void {
  const present = fs.fstatSync(copy);
  if ((present.mode ^ mode) & 0o777) changeMode(copy, mode & 0o777);
  if (present.uid !== uid || present.gid !== gid) giveToIfPossible(copy, { uid, gid });
}

async function appendInPlace(append: OpenAppend): Promise<void> {
  const { descriptor, stats, targetPath, stagedPath, durability, onInPlace } = append;
  const stagingPath = dirname(stagedPath);
  const notePath = `${stagedPath}${NOTE_SUFFIX}`;
  const file = relative(await rootOf(dirname(stagingPath)), targetPath);
  const writable = await openFile(`/proc/self/fd/${descriptor}`, O_RDWR);
  const onComplete = onInPlace();
  try {
    await writeNote(notePath, { file, ino: stats.ino, sizeBytes: stats.size }, durability);
    await addOrUndo(append, writable);
    await unlink(notePath);
    await syncDirectory(stagingPath, durability);
  } finally {
    onComplete();
    closeQuietly(writable);
  }
}

async function addOrUndo(
  { stats, stagedPath, durability }: OpenAppend,
  writable: number,
): Promise<void> {
  try {
    await copyStaged(stagedPath, writable, stats.size);
    await durability.file(writable);
  } catch (error) {
    await truncate(writable, stats.size);
    await unlink(`${stagedPath}${NOTE_SUFFIX}`);
    throw error;
  }
}

interface AppendNote {
  /** Relative to the root of all homes, which may be elsewhere after a restart. */
  readonly file: string;
  readonly ino: number;
  readonly sizeBytes: number;
}

async function writeNote(path: string, note: AppendNote, durability: Durability): Promise<void> {
  const descriptor = await openFile(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  try {
    await writeAt(descriptor, Buffer.from(JSON.stringify(note)), 0);
    await durability.file(descriptor);
  } finally {
    await closeWritten(descriptor);
  }
  await syncDirectory(dirname(path), durability);
}

async function syncDirectory(path: string, durability: Durability): Promise<void> {
  const descriptor = await openFile(path, O_RDONLY);
  try {
    await durability.directory(descriptor);
  } finally {
    closeQuietly(descriptor);
  }
}

export function isAppendNote(stagedPath: string): boolean {
  return stagedPath.endsWith(NOTE_SUFFIX);
}

export function isAppendCopy(stagedPath: string): boolean {
  return stagedPath.endsWith(COPY_SUFFIX);
}

/**
 * Takes away what an append in place has added before the process was ended. A note that is not complete was written
 * before the append has begun.
 */
export async function undoAppend(notePath: string): Promise<void> {
  const note = parseNote(await readFile(notePath, 'utf8'));
  if (note === undefined) return;
  const targetPath = join(await rootOf(dirname(notePath)), note.file);
  const descriptor = await openFile(targetPath, O_RDWR | O_NOFOLLOW | O_NONBLOCK).catch((error) => {
    // The file was removed or moved outside the server.
    if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'].includes(errnoOf(error))) throw error;
  });
  if (descriptor === undefined) return;
  try {
    const { ino, size } = fs.fstatSync(descriptor);
    if (ino === note.ino && size > note.sizeBytes) await truncate(descriptor, note.sizeBytes);
  } finally {
    closeQuietly(descriptor);
  }
}

function parseNote(text: string): AppendNote | undefined {
  try {
    return JSON.parse(text) as AppendNote;
  } catch {
    return undefined;
  }
}

/** The staging directories of accounts, which notes are followed from, lie two directories below it. */
function rootOf(stagingPath: string): Promise<string> {
  return realpath(dirname(dirname(stagingPath)));
}

async function copyStaged(stagedPath: string, to: number, toBytes: number): Promise<void> {
  const staged = await openFile(stagedPath, O_RDONLY | O_NOFOLLOW);
  try {
    await copyAll(staged, to, { sizeBytes: fs.fstatSync(staged).size, toBytes });
  } finally {
    closeQuietly(staged);
  }
}

async function copyAll(
  from: number,
  to: number,
  { sizeBytes, toBytes }: { sizeBytes: number; toBytes: number },
): Promise<void> {
  const copiedBytes = await copyOctets(from, to, { lengthBytes: sizeBytes, toBytes });
  if (copiedBytes < sizeBytes) throw new Error('a file has become shorter while it was copied');
}

/** Preallocates files that are large enough to be worth a call. */
async function cloned(from: number, to: number, sizeBytes: number): Promise<boolean> {
  return sizeBytes > COPIED_UP_TO_BYTES && (await shareBlocks(from, to));
}
