import { realpath, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { LocalPlace } from '../local/local-place.ts';
import type { CommandContext } from './command-context.ts';
import type { Found } from './glob-paths.ts';

/** The absolute path of what was written. */
export function localPath({ cwd }: CommandContext, text: string): string {
  return posix.resolve(cwd, text);
}

/** Whether there is a directory, or a link to one. */
export async function isLocalDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}

/** What a link that was named leads to, under the link's own path; anything else as it is. */
export async function followLink(found: Found): Promise<Found> {
  if (found.entry.kind !== 'link') return found;
  const place = new LocalPlace();
  const target = await realpath(found.path).catch(() => undefined);
  const entry = target === undefined ? undefined : await place.stat(target);
  if (target === undefined || entry === undefined) return found;
  // A directory is listed at its own place, where no link is in the way.
  const path = entry.kind === 'directory' ? target : found.path;
  return { path, entry: { ...entry, name: found.entry.name } };
}
