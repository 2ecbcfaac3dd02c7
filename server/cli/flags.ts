import { type Command, Option } from 'commander';
import { defaultText } from '../config/setting-definition.ts';
import { definitionOf, type SettingName, settingNames } from '../config/settings.ts';

/** A flag of a setting. */
class SettingOption extends Option {}

const CONFIG_SUMMARY = 'read settings from this TOML file';

/** Gives a command the flags of all settings, grouped for its help. */
export function addSettingFlags(command: Command): Command {
  for (const name of settingNames) {
    command.addOption(flagFor(name).helpGroup(`${definitionOf(name).group}:`));
  }
  return command
    .optionsGroup('Other:')
    .addOption(new SettingOption('--config <file>', CONFIG_SUMMARY));
}

/** Gives a command the flags of some settings, and `--config`. */
export function addFlags(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) command.addOption(flagFor(name));
  return command.addOption(new SettingOption('--config <file>', CONFIG_SUMMARY));
}

/**
 * Flags of settings as written for `command`, before or after its name. The flag nearest to the command's name wins.
 */
export function flagsFor(command: Command): Record<string, string | undefined> {
  const flags: Record<string, string | undefined> = {};
  for (const name of [...settingNames, 'config']) {
    const option = command.options.find(({ long }) => long === `--${name}`);
    // A command may have a flag of its own with the name of a setting, as audit has --user.
    const isSetting = option instanceof SettingOption;
    if (isSetting) flags[name] = valueFor(command, option.attributeName());
  }
  return flags;
}

/** Whether a flag without a value was given to the command or before its name. */
export function isGiven(command: Command, attribute: string): boolean {
  return valueFor(command, attribute) !== undefined;
}

function valueFor(command: Command, attribute: string): string | undefined {
  const own: string | undefined = command.getOptionValue(attribute);
  if (own !== undefined || command.parent === null) return own;
  return valueFor(command.parent, attribute);
}

function flagFor(name: SettingName): Option {
  const definition = definitionOf(name);
  const option = new SettingOption(
    `--${name} ${definition.placeholder}`,
    `${definition.summary} [${defaultText(definition)}]`,
  );
  return definition.isList ? option.argParser(joined) : option;
}

/** A flag that is repeated adds to its list. */
function joined(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}
