import type { Using } from '../context/app-context.ts';
import { type Action, type Context, keyLabel } from '../input/keymap.ts';

/** The keys of this moment. What is picked is done. */
export async function showHelp(
  app: Using<'keymap' | 'dialogs'>,
  context: Context,
  run: (action: Action) => void,
): Promise<void> {
  const picked = await app.dialogs.pick({
    topic: 'help',
    title: 'Help',
    items: app.keymap.entriesFor(context).map(({ action, keys, description }) => ({
      id: action,
      columns: [
        keys
          .filter((key) => app.keymap.actionFor(context, key) === action)
          .map(keyLabel)
          .join(' '),
        description,
        action,
      ],
    })),
    hint: 'Type to filter, Enter to run. Last column: name for settings.toml',
  });
  if (picked !== undefined) run(picked.id as Action);
}
