import { defaultText } from '../../server/config/setting-definition.ts';
import {
  definitionOf,
  type SettingName,
  settingNames,
  variableOf,
} from '../../server/config/settings.ts';

const HEADINGS = ['Flag and key of the file', 'Variable', 'Default', 'Meaning'];
const CONFIG = ['`--config` only', '`MYFTP_CONFIG`', 'none', 'Path of the settings file.'];

const BEGIN = '<!-- Made from server/config/settings/ by npm run documents. -->\n\n';
const END = '\n<!-- End of the table. -->';

/** The page with the current table of settings. */
export function withSettingsTable(page: string): string {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined)
    throw new Error('The page has no table of settings.');
  return `${before}${BEGIN}${settingsTable()}${END}${after}`;
}

function settingsTable(): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...settingNames.map(rowOf), CONFIG];
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function rowOf(name: SettingName): string[] {
  const definition = definitionOf(name);
  const { default: text, description } = definition;
  const fallback = text === undefined ? defaultText(definition) : `\`${text}\``;
  return [`\`${name}\``, `\`${variableOf(name)}\``, fallback, description];
}
