import { type Action, type Context, keyLabel } from '../keymap.ts';
import type { Desk } from './desk.ts';

/** The keys of this moment. What is picked is done. */
export async function showHelp(
  desk: Desk,
  context: Context,
  run: (action: Action) => void,
): Promise<void> {
  const picked = await desk.sheets.pick({
    topic: 'help',
    title: 'Help',
    items: desk.keymap.entriesFor(context).map(({ action, keys, description }) => ({
      id: action,
      columns: [
        keys
          .filter((key) => desk.keymap.actionFor(context, key) === action)
          .map(keyLabel)
          .join(' '),
        description,
        action,
      ],
    })),
    hint: 'Type to find, Enter runs it. Last column: name for settings.toml',
  });
  if (picked !== undefined) run(picked.id as Action);
}
