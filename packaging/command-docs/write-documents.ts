// Writes the man pages, the completions and the packages' settings file into dist/share, or into the directory that
// is named, from the command tables and the settings' definitions; and the table of settings into docs/settings.md.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bashCompletion } from './bash-completion.ts';
import { fishCompletion } from './fish-completion.ts';
import { manPage } from './man-page.ts';
import { clientManual, serverManual } from './manuals.ts';
import { clientModel, serverModel } from './programs.ts';
import { settingsFile } from './settings-file.ts';
import { withSettingsTable } from './settings-table.ts';
import { zshCompletion } from './zsh-completion.ts';

const DEFAULT_OUT = 'dist/share';
const [, , OUT = DEFAULT_OUT] = process.argv;

const { version } = JSON.parse(
  await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
);
const server = serverModel();
const client = clientModel(version);

const documents: Readonly<Record<string, string>> = {
  'man/man8/myftp-server.8': manPage({ ...serverManual, model: server, version }),
  'man/man1/myftp-tui.1': manPage({ ...clientManual, model: client, version }),
  'bash-completion/completions/myftp-server': bashCompletion(server),
  'bash-completion/completions/myftp-tui': bashCompletion(client),
  'zsh/vendor-completions/_myftp-server': zshCompletion(server),
  'zsh/vendor-completions/_myftp-tui': zshCompletion(client),
  'fish/vendor_completions.d/myftp-server.fish': fishCompletion(server),
  'fish/vendor_completions.d/myftp-tui.fish': fishCompletion(client),
  'myftp/myftp.toml': settingsFile(),
};

for (const [name, text] of Object.entries(documents)) {
  const file = path.join(OUT, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

// A copy elsewhere, as the tests make, leaves the page alone.
if (OUT === DEFAULT_OUT) {
  const page = new URL('../../docs/settings.md', import.meta.url);
  await writeFile(page, withSettingsTable(await readFile(page, 'utf8')));
}
