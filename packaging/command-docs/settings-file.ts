import { readSettings } from '../../server/config/config.ts';
import {
  type SettingDefinition,
  settingDefinitions,
} from '../../server/config/setting-definitions.ts';

/** What the package sets itself. */
const PACKAGED: Readonly<Record<string, string>> = { data: '/var/lib/myftp' };

/** Values to start from, for settings that have no default. */
const EXAMPLES: Readonly<Record<string, string | number>> = {
  'pasv-range': '50000-50100',
  'public-host': 'ftp.example.org',
  'tls-cert': '/etc/letsencrypt/live/ftp.example.org/fullchain.pem',
  'tls-key': '/etc/letsencrypt/live/ftp.example.org/privkey.pem',
  'implicit-port': 990,
  'fallback-encoding': 'windows-1252',
  anonymous: '/srv/ftp',
  user: 'myftp',
  group: 'myftp',
};

/** Writes the settings file of the packages: every setting with its default or an example, commented out. */
export function settingsFile(): string {
  const { values } = readSettings({ flags: PACKAGED, environment: {}, cwd: '/' });
  const lines = [
    '# Settings of the MyFTP server. Each line that starts with "# name =" shows a setting',
    '# with its default, or with an example if it has none; remove the "# " to set it.',
    '# After a change: systemctl restart myftp. See myftp-server(8).',
  ];
  let group: string | undefined;
  for (const definition of settingDefinitions) {
    if (definition.group !== group) lines.push('', `## ${definition.group}`);
    group = definition.group;
    lines.push('', ...settingLines(definition, values[definition.name]));
  }
  return `${lines.join('\n')}\n`;
}

function settingLines(definition: SettingDefinition, value: unknown): string[] {
  const { name, summary, otherwise } = definition;
  const note = otherwise === undefined ? '' : ` (default: ${otherwise})`;
  const shown =
    value === undefined
      ? (EXAMPLES[name] ?? definition.placeholder)
      : definition.format(value as Parameters<typeof definition.format>[0]);
  const setting = `${name} = ${JSON.stringify(shown)}`;
  return [`# ${summary}${note}`, name in PACKAGED ? setting : `# ${setting}`];
}
