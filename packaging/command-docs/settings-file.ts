import { readSettings } from '../../server/config/read-settings.ts';
import { format, type SettingDefinition } from '../../server/config/setting-definition.ts';
import { definitionOf, settingNames } from '../../server/config/settings.ts';

/** What the package sets itself. */
const PACKAGED: Readonly<Record<string, string>> = { data: '/var/lib/myftp' };

/** Writes the settings file of the packages: every setting with its default or an example, commented out. */
export function settingsFile(): string {
  const { values } = readSettings({ flags: PACKAGED, environment: {}, cwd: '/' });
  const lines = [
    '# Settings of the MyFTP server. Each line that starts with "# name =" shows a setting',
    '# with its default, or with an example if it has none; remove the "# " to set it.',
    '# After a change: systemctl restart myftp. See myftp-server(8).',
  ];
  let group: string | undefined;
  for (const name of settingNames) {
    const definition = definitionOf(name);
    if (definition.group !== group) lines.push('', `## ${definition.group}`);
    group = definition.group;
    lines.push('', ...settingLines(name, definition, values[name]));
  }
  return `${lines.join('\n')}\n`;
}

function settingLines(name: string, definition: SettingDefinition, value: unknown): string[] {
  const { summary, otherwise, example, placeholder } = definition;
  const note = otherwise === undefined ? '' : ` (default: ${otherwise})`;
  const shown = example ?? (value === undefined ? placeholder : format(definition, value));
  const setting = `${name} = ${JSON.stringify(shown)}`;
  return [`# ${summary}${note}`, name in PACKAGED ? setting : `# ${setting}`];
}
