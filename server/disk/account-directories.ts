import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from './disk.ts';

const ACCOUNT_DIRECTORY = /^\d+$/;

/** The names in each account's directory of a staging area or trash, by the name of that directory. */
export async function namesByAccount(directory: string): Promise<Map<string, Set<string>>> {
  const names = new Map<string, Set<string>>();
  const entries = await readdir(directory, { withFileTypes: true }).catch(ignoreMissing);
  for (const entry of entries ?? []) {
    if (!entry.isDirectory() || !ACCOUNT_DIRECTORY.test(entry.name)) continue;
    names.set(entry.name, new Set(await readdir(join(directory, entry.name))));
  }
  return names;
}
