import type { Context, Keymap } from '../input/keymap.ts';
import type { Choice } from '../state/dialog.ts';

/** What the keymap offers in the context of a dialog. Esc is no choice. */
export function choicesIn(keymap: Keymap, context: Context): readonly Choice[] {
  return keymap.bindings
    .filter((binding) => binding.context === context && binding.action !== 'cancel')
    .flatMap(({ action, keys, label }) =>
      label === undefined ? [] : [{ id: action, keys, label }],
    );
}
