import { keyTable, type Row } from './key-table.ts';

/** Where keys mean something. What is in front is asked first, then `everywhere`. */
export type Context = keyof typeof keyTable;

/** What a key can do. */
export type Action = ActionsIn<Context>;

/** Contexts whose keys answer a dialog. */
type DialogContext =
  | 'sort'
  | 'form'
  | 'certificate'
  | 'conflict'
  | 'delete'
  | 'prompt'
  | 'properties'
  | 'bookmarks'
  | 'trash'
  | 'help';

/** Actions that run by themselves, without a dialog that waits for them. */
export type ScreenAction = ActionsIn<Exclude<Context, DialogContext>>;

type ActionsIn<Where extends Context> = { [One in Where]: keyof (typeof keyTable)[One] }[Where];

/** One action in one context. */
export interface Binding {
  readonly action: Action;
  readonly context: Context;
  /** Key names as `Keys` reports them; the first one is shown. */
  readonly keys: readonly string[];
  /** For the help: what it does. */
  readonly description: string;
  /** For the footer: a word. Actions without one are not shown there. */
  readonly label: string | undefined;
}

/** Changes by the user: action to keys. No keys take the action off the keyboard. */
export type KeyOverrides = Readonly<Record<string, readonly string[]>>;

const standardBindings: readonly Binding[] = Object.entries(keyTable).flatMap(
  ([context, actions]) =>
    Object.entries(actions).map(([action, [keys, description, label]]: [string, Row]) => ({
      action: action as Action,
      context: context as Context,
      keys: keys.split(' '),
      description,
      label,
    })),
);

/** Keys that type text: contexts with a text field take them before the keys of `everywhere`. */
const typingContexts: ReadonlySet<Context> = new Set(['form', 'filter', 'prompt', 'help']);

/** Which key does what. */
export class Keymap {
  readonly bindings: readonly Binding[];

  constructor(bindings: readonly Binding[] = standardBindings) {
    this.bindings = bindings;
  }

  /** What the key does in this context; undefined if nothing. */
  actionFor(context: Context, key: string): Action | undefined {
    const own = this.#find(context, key);
    if (own !== undefined) return own;
    if (typingContexts.has(context) && isTyped(key)) return undefined;
    return this.#find('everywhere', key);
  }

  /** In a context, the key that is shown for an action; undefined if it has none. */
  keyFor(context: Context, action: Action): string | undefined {
    const binding = this.#bindingOf(context, action) ?? this.#bindingOf('everywhere', action);
    return binding?.keys[0];
  }

  /** Text for the user about a key, as `Ctrl-R tries again`; empty if the action has no key. */
  hint(context: Context, action: Action, words: string): string {
    const key = this.keyFor(context, action);
    return key === undefined ? '' : `${keyLabel(key)}${words}`;
  }

  /** Everything that can be done in a context, its own actions first. */
  entriesFor(context: Context): readonly Binding[] {
    const own = this.bindings.filter((binding) => binding.context === context);
    const overruled = new Set(own.map(({ action }) => action));
    const general = this.bindings.filter(
      ({ context: where, action }) => where === 'everywhere' && !overruled.has(action),
    );
    return [...own, ...(context === 'everywhere' ? [] : general)];
  }

  #find(context: Context, key: string): Action | undefined {
    const binding = this.bindings.find((one) => one.context === context && one.keys.includes(key));
    return binding?.action;
  }

  #bindingOf(context: Context, action: Action): Binding | undefined {
    return this.bindings.find((one) => one.context === context && one.action === action);
  }
}

/** A keymap with the user's changes, and what is wrong with them. */
export interface CustomKeymap {
  readonly keymap: Keymap;
  readonly problems: readonly string[];
}

/**
 * Gives actions other keys. A change is named after its action, or after context and action as
 * `queue.pause` to change it in one context only.
 */
export function customKeymap(overrides: KeyOverrides): CustomKeymap {
  const problems = Object.keys(overrides)
    .filter((name) => !standardBindings.some((binding) => isNamed(binding, name)))
    .map((name) => `Unknown action "${name}".`);
  const bindings = standardBindings.map((binding) => {
    const keys = overrides[`${binding.context}.${binding.action}`] ?? overrides[binding.action];
    return keys === undefined ? binding : { ...binding, keys };
  });
  return { keymap: new Keymap(bindings), problems: [...problems, ...duplicateKeys(bindings)] };
}

/** Keys that mean two things in one context, as sentences. */
export function duplicateKeys(bindings: readonly Binding[]): readonly string[] {
  const actions = new Map<string, string>();
  const problems: string[] = [];
  for (const { action, context, keys } of bindings) {
    for (const key of keys) {
      const other = actions.get(`${context} ${key}`);
      if (other !== undefined) {
        problems.push(`In ${context}, ${keyLabel(key)} is both "${other}" and "${action}".`);
      }
      actions.set(`${context} ${key}`, action);
    }
  }
  return problems;
}

function isNamed({ action, context }: Binding, name: string): boolean {
  return action === name || `${context}.${action}` === name;
}

/** Whether a text field would write it. */
export function isTyped(key: string): boolean {
  return [...key].length === 1 || key === 'space' || key === 'backspace' || key === 'delete';
}

const labels = new Map([
  ['escape', 'Esc'],
  ['enter', 'Enter'],
  ['pageup', 'PgUp'],
  ['pagedown', 'PgDn'],
  ['up', '↑'],
  ['down', '↓'],
  ['left', '←'],
  ['right', '→'],
]);

/** A key as it is shown: `F5`, `Ctrl-R`, `Space`, `c`. */
export function keyLabel(key: string): string {
  const [, held = '', name = ''] = /^((?:ctrl-|alt-|shift-)*)(.+)$/.exec(key) ?? [];
  const named = labels.get(name) ?? (name.length > 1 ? capitalised(name) : name);
  const letter = held.startsWith('ctrl-') ? named.toUpperCase() : named;
  return `${held
    .split('-')
    .filter(Boolean)
    .map((one) => `${capitalised(one)}-`)
    .join('')}${name.length > 1 ? named : letter}`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
