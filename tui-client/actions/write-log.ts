import { writeFile } from 'node:fs/promises';
import { counted } from '../format.ts';
import { resolvePath } from './browse.ts';
import type { Desk } from './desk.ts';

/** Writes what the log holds to a new file of this machine that only the user can read. */
export async function writeLog(desk: Desk): Promise<void> {
  const { lines } = desk.store.get().log;
  const typed = await desk.sheets.prompt({
    title: `Write ${counted(lines.length, 'line')} to a file`,
    label: 'File',
    text: 'myftp.log',
    hint: 'Passwords are never in it. A file that exists is kept.',
  });
  if (typed === undefined || typed.trim() === '') return;
  const { panes } = desk.store.get();
  const path = resolvePath(typed.trim(), panes.left, desk.services.paths.home);
  try {
    await writeFile(path, lines.map((line) => `${line}\n`).join(''), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    desk.tell(`${path}: ${code === 'EEXIST' ? 'exists already' : message}`, 'bad');
    return;
  }
  desk.tell(`Written to ${path}.`, 'good');
}
