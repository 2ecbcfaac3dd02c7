import { writeFile } from 'node:fs/promises';
import type { Using } from '../context/app-context.ts';
import { counted } from '../text/format.ts';
import { resolvePath } from './browse.ts';

/** Writes what the log holds to a new file of this machine that only the user can read. */
export async function writeLog(app: Using<'ui' | 'dialogs' | 'services'>): Promise<void> {
  const { lines } = app.ui.get().log;
  const typed = await app.dialogs.prompt({
    title: `Write ${counted(lines.length, 'line')} to a file`,
    label: 'File',
    text: 'myftp.log',
    hint: 'It contains no passwords. An existing file is not overwritten.',
  });
  if (typed === undefined || typed.trim() === '') return;
  const { panes } = app.ui.get();
  const path = resolvePath(typed.trim(), panes.left, app.services.paths.home);
  try {
    await writeFile(path, lines.map((line) => `${line}\n`).join(''), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    app.ui.notify(`${path}: ${code === 'EEXIST' ? 'already exists' : message}`, 'bad');
    return;
  }
  app.ui.notify(`Written to ${path}.`, 'good');
}
