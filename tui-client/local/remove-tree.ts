import { lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import { joinPath, type RemoveOptions } from '../files/place.ts';
import { diskPath, nameFromDisk } from './disk-name.ts';
import { errnoOf, onDisk } from './local-failure.ts';

/** Files of one directory that are removed at a time. */
const AT_ONCE = 64;

/** A file, or a directory with all below it. A link is removed itself, never what it leads to. */
export async function removeTree(path: string, options: RemoveOptions): Promise<void> {
  let removed = 0;
  const gone = () => options.onRemoved?.(++removed);
  const isDirectory = await onDisk(path, async () => (await lstat(diskPath(path))).isDirectory());
  await (isDirectory ? removeDirectory(path, options, gone) : removeFile(path, options, gone));
}

async function removeDirectory(
  path: string,
  options: RemoveOptions,
  gone: () => void,
): Promise<void> {
  options.signal?.throwIfAborted();
  const { files, directories } = await contentsOf(path);
  for (let at = 0; at < files.length; at += AT_ONCE) {
    await Promise.all(files.slice(at, at + AT_ONCE).map((file) => removeFile(file, options, gone)));
  }
  for (const directory of directories) await removeDirectory(directory, options, gone);
  await ignoringMissing(path, () => rmdir(diskPath(path)));
  gone();
}

async function removeFile(path: string, options: RemoveOptions, gone: () => void): Promise<void> {
  options.signal?.throwIfAborted();
  await ignoringMissing(path, () => unlink(diskPath(path)));
  gone();
}

/** All names, hostile ones too: what is to go must go whole. */
async function contentsOf(path: string): Promise<{ files: string[]; directories: string[] }> {
  const files: string[] = [];
  const directories: string[] = [];
  await onDisk(path, async () => {
    const entries = await opendir(diskPath(path), { encoding: 'buffer' as BufferEncoding });
    for await (const entry of entries) {
      const below = joinPath(path, nameFromDisk(entry.name as unknown as Buffer));
      (entry.isDirectory() ? directories : files).push(below);
    }
  });
  return { files, directories };
}

/** Entries that another program has removed are gone as well. */
async function ignoringMissing(path: string, task: () => Promise<void>): Promise<void> {
  await onDisk(path, async () => {
    try {
      await task();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  });
}
