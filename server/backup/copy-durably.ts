import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { inheritOwner } from '../../db/inherit-owner.ts';

interface NewFile {
  readonly file: string;
  readonly mode: number;
}

/** Copies a file to a new one with its mode from the first byte on, and waits for the disk. */
export async function copyDurably(source: string, target: NewFile): Promise<void> {
  const from = await open(source, 'r');
  try {
    await writeNew(target, async (to) => {
      for await (const chunk of from.createReadStream({ autoClose: false })) {
        await to.appendFile(chunk);
      }
    });
  } finally {
    await from.close();
  }
}

/** Writes a new file, and waits for the disk. */
export function writeDurably(text: string, target: NewFile): Promise<void> {
  return writeNew(target, (to) => to.writeFile(text));
}

/** Makes names in a directory outlast a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeNew(
  { file, mode }: NewFile,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, 'wx', mode);
  try {
    inheritOwner(handle.fd, file);
    // The mask of the process takes rights away from new files only.
    await handle.chmod(mode);
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(path.dirname(file));
}
