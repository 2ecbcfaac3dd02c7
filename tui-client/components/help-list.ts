import { type Binding, keyLabel } from '../input/keymap.ts';
import type { ListProps } from './list-rows.ts';

/** An entry of the help: what a list draws, and what Enter runs. */
export interface HelpItem {
  readonly binding: Binding;
  readonly columns: readonly string[];
}

/**
 * The help for what can be done, to be shown as a list.
 *
 * @param commandOf The same without a screen, as a command line; undefined if there is none.
 */
export function helpItems(
  bindings: readonly Binding[],
  commandOf: (binding: Binding) => string | undefined = () => undefined,
): readonly HelpItem[] & ListProps['items'] {
  return bindings.map((binding) => ({
    binding,
    columns: [binding.keys.map(keyLabel).join(' '), binding.description, commandOf(binding) ?? ''],
  }));
}
