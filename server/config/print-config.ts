import type { SettingsReport } from './read-settings.ts';
import { format } from './setting-definition.ts';
import type { SettingSource } from './setting-source.ts';
import { definitionOf, type SettingName, settingNames } from './settings.ts';

/** Comments that would start further right than this start after two blanks instead. */
const WIDEST_COLUMN = 44;

/**
 * Writes every setting with its value and where it came from, as a TOML file that gives the same
 * settings when it is saved and read with `--config`.
 *
 * Settings that are off or follow from others by default are commented out, so that they keep
 * following.
 */
export function printConfig(report: SettingsReport): string {
  const rows = settingNames.map((name) => rowOf(name, report));
  const column = Math.max(
    ...rows.map(({ setting }) => setting.length).filter((length) => length <= WIDEST_COLUMN),
  );
  const lines = [
    '# Settings of MyFTP. Save as a file and name it with --config to start with them.',
    ...(report.configFile === undefined ? [] : [`# Read from ${toml(report.configFile)}.`]),
  ];
  let group: string | undefined;
  for (const row of rows) {
    if (row.group !== group) lines.push('', `# ${row.group}`);
    group = row.group;
    lines.push(`${row.setting.padEnd(column)}  # ${row.origin}`);
  }
  return `${lines.join('\n')}\n`;
}

interface Row {
  readonly group: string;
  readonly setting: string;
  readonly origin: string;
}

function rowOf(name: SettingName, { values, sources }: SettingsReport): Row {
  const definition = definitionOf(name);
  const { group, otherwise } = definition;
  const value = values[name];
  const source = sources.get(name);
  const isDefault = source === undefined || source.kind === 'default';
  if (value === undefined) {
    return { group, setting: `# ${name}`, origin: `default: ${otherwise}` };
  }
  const setting = `${name} = ${toml(format(definition, value))}`;
  if (isDefault && otherwise !== undefined) {
    return { group, setting: `# ${setting}`, origin: `default: ${otherwise}` };
  }
  return { group, setting, origin: source === undefined ? 'default' : originOf(source) };
}

function originOf(source: SettingSource): string {
  switch (source.kind) {
    case 'flag':
      return source.flag;
    case 'variable':
      return source.variable;
    case 'file':
      return source.file;
    case 'default':
      return 'default';
  }
}

function toml(value: string | number | readonly string[]): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return tomlText(value);
  const [only, ...others] = value;
  if (only !== undefined && others.length === 0) return tomlText(only);
  return `[${value.map(tomlText).join(', ')}]`;
}

/** JSON's escapes are TOML's, except that TOML wants DEL escaped, too. */
function tomlText(value: string): string {
  return JSON.stringify(value).replaceAll('\x7f', '\\u007f');
}
