import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

const OWNER_AND_GROUP = 0o750;

/**
 * Makes a directory and those above it that are missing, for the owner and the group.
 *
 * Node's own `recursive` never returns where a directory exists and takes no entries, as in /proc.
 *
 * @throws the system's error.
 */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, OWNER_AND_GROUP);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(directory).isDirectory()) return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || existsSync(parent)) throw error;
    makeDirectory(parent);
    makeDirectory(directory);
  }
}
