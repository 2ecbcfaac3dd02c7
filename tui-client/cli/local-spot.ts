import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { CommandContext } from './command-context.ts';

/** The absolute path of what was written. */
export function localPath({ cwd }: CommandContext, text: string): string {
  return posix.resolve(cwd, text);
}

/** Whether there is a directory, or a link to one. */
export async function isLocalDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}
