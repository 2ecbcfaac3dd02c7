type SettingGroup =
  | 'Network'
  | 'TLS'
  | 'Storage'
  | 'Limits'
  | 'Access'
  | 'Accounts'
  | 'Process'
  | 'Hooks'
  | 'Logs';

/** A value as a user would write it. */
type Written = string | number | readonly string[];

/** Settings that the defaults of others follow from. */
export interface Underived {
  readonly data: string;
  readonly host: string;
  readonly 'password-check'?: unknown;
}

/** One setting. */
export interface SettingDefinition {
  /** Name of the property of `Settings`; it carries the unit. */
  readonly as: string;
  readonly group: SettingGroup;
  readonly placeholder: string;
  /** Text for `--help`, without the default. */
  readonly summary: string;
  /** One or two sentences in Markdown, for docs/settings.md; without the default. */
  readonly description: string;
  /** Reads the text of the setting. `choices` are the words that it takes. @throws WrongFormError */
  readonly parse: ((text: string) => unknown) & { readonly choices?: readonly string[] };
  /** The default as a user would write it. */
  readonly default?: string;
  /** The default in words, for settings that have none or one that follows from other settings. */
  readonly otherwise?: string;
  /** The default that follows from other settings. */
  derive?(others: Underived): unknown;
  /** An example for the settings file of the packages, for settings without a default. */
  readonly example?: Written;
  /** Relative paths count from the working directory, in the file from the file's own directory. */
  readonly isPath?: true;
  /** The flag can be repeated, a variable separates values by commas, the file can hold an array. */
  readonly isList?: true;
  /** The settings file must have quotes around it: TOML would read a mode such as 0o640 as another number. */
  readonly isText?: true;
  /** A reload of the settings applies a change; the others need a restart. */
  readonly isLive?: true;
  /** The value as a user would write it; left out for texts and numbers that are written as they are. */
  format?(value: never): Written;
}

/** Type of the value of a setting. */
export type ValueOf<Definition extends SettingDefinition> =
  | ReturnType<Definition['parse']>
  | (Definition extends { readonly default: string } | { derive(others: Underived): unknown }
      ? never
      : undefined);

export function format(definition: SettingDefinition, value: unknown): Written {
  return definition.format === undefined ? (value as Written) : definition.format(value as never);
}

/** The default for people: as a user would write it, or in words. */
export function defaultText({ otherwise, default: text = '' }: SettingDefinition): string {
  return otherwise ?? text;
}
