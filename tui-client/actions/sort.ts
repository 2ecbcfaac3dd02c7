import type { Using } from '../context/app-context.ts';
import { choicesIn } from '../dialogs/choices.ts';
import type { SortBy } from '../state/row-order.ts';

/** Asks for the order of the active pane. */
export async function askForSort(app: Using<'ui' | 'keymap' | 'dialogs'>): Promise<void> {
  const chosen = await app.dialogs.choose({
    topic: 'sort',
    title: 'Sort by',
    lines: ['Choose again to reverse.'],
    choices: choicesIn(app.keymap, 'sort'),
    escape: 'keep the current order',
  });
  if (chosen === undefined) return;
  app.ui.changeActivePane({ type: 'sorted', by: chosen.id.slice('sort-'.length) as SortBy });
}
