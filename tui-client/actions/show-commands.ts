import type { Using } from '../context/app-context.ts';
import { commandLines } from './command-lines.ts';

/** Shows the action as commands for a shell. */
export async function showCommands(app: Using<'ui' | 'dialogs' | 'connection'>): Promise<void> {
  const site = app.connection.active?.session.site;
  if (site === undefined) return;
  await app.dialogs.choose({
    topic: 'command',
    title: 'Equivalent commands',
    lines: commandLines({ active: app.ui.activePane, other: app.ui.otherPane, site }),
    escape: 'close',
  });
}
