import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './question.ts';

const CHUNK = Buffer.alloc(1024 * 1024, 'MyFTP bench\n');

/** Directories of the server's root: one to read from, one to write to. */
export const DOWNLOADS = 'downloads';
export const UPLOADS = 'uploads';

export function downloadsPath({ server }: Bench): string {
  return makeOpenDirectory(join(server.plan.rootPath, DOWNLOADS));
}

export function uploadsPath({ server }: Bench): string {
  return join(server.plan.rootPath, UPLOADS);
}

/** Makes the directory for uploads, empty. */
export function clearUploads(bench: Bench): void {
  const path = uploadsPath(bench);
  if (existsSync(path)) {
    for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
  } else makeOpenDirectory(path);
}

/** Makes a directory that other users, too, may list and write to. */
export function makeOpenDirectory(path: string): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o777);
  return path;
}

/** Puts a file of `sizeBytes` at `path`, as a link to one that all servers share. */
export function linkFile(bench: Bench, path: string, sizeBytes: number): void {
  const sourcePath = join(bench.sourcesPath, `${sizeBytes}-bytes`);
  if (!existsSync(sourcePath)) writeFile(sourcePath, sizeBytes);
  linkSync(sourcePath, path);
}

/** Writes a file of `sizeBytes`. */
export function writeFile(path: string, sizeBytes: number): void {
  const file = openSync(path, 'wx', 0o644);
  for (let left = sizeBytes; left > 0; left -= CHUNK.length) {
    writeSync(file, CHUNK, 0, Math.min(left, CHUNK.length));
  }
  closeSync(file);
}

/** @throws Error unless the directory for uploads holds `count` files of `sizeBytes` each. */
export function checkUploads(bench: Bench, expected: { count: number; sizeBytes: number }): void {
  const path = uploadsPath(bench);
  const names = readdirSync(path);
  if (names.length !== expected.count) {
    throw new Error(`${names.length} files arrived instead of ${expected.count}.`);
  }
  for (const name of names) {
    const { size } = statSync(join(path, name));
    if (size !== expected.sizeBytes) throw new Error(`${name} has ${size} bytes on disk.`);
  }
}

/** Makes the directory that holds what all servers share. */
export function makeSources(parentPath: string): string {
  const path = join(parentPath, 'sources');
  mkdirSync(path);
  return path;
}
