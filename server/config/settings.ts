import type { SettingDefinition, ValueOf } from './setting-definition.ts';
import { accessSettings } from './settings/access.ts';
import { accountsSettings } from './settings/accounts.ts';
import { hookSettings } from './settings/hooks.ts';
import { networkSettings } from './settings/network.ts';
import { passwordCheckSettings } from './settings/password-check.ts';
import { processSettings } from './settings/process.ts';
import { ratesSettings } from './settings/rates.ts';
import { storageSettings } from './settings/storage.ts';

/**
 * Every setting: how it is read, named, explained and shown. Flags, variables, the settings file, `--help`,
 * `--print-config`, completions, the man page and the table of docs/settings.md come from here.
 */
const settings = {
  ...networkSettings,
  ...storageSettings,
  ...accountsSettings,
  ...passwordCheckSettings,
  ...ratesSettings,
  ...accessSettings,
  ...processSettings,
  ...hookSettings,
} as const satisfies Readonly<Record<string, SettingDefinition>>;

/** Name of a setting: the flag is `--name`, the key of the settings file is the name, `variableOf` gives the variable. */
export type SettingName = keyof typeof settings;

/** Values by name. */
export type SettingValues = {
  readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]>;
};

/** Values by property: everything that an operator can choose, checked and frozen. Paths are absolute. */
export type Settings = {
  readonly [Name in SettingName as (typeof settings)[Name]['as']]: SettingValues[Name];
};

export const settingNames = Object.keys(settings) as readonly SettingName[];

export function definitionOf(name: SettingName): SettingDefinition {
  return settings[name];
}

export function variableOf(name: string): string {
  return `MYFTP_${name.toUpperCase().replaceAll('-', '_')}`;
}
