import { resolve } from 'node:path';
import { Bookmarks } from '../sites/bookmarks.ts';
import { clientPaths } from '../sites/client-paths.ts';
import { type ImportStep, planImport } from '../sites/import/plan-import.ts';
import { readSiteFile } from '../sites/import/read-site-file.ts';
import { savedPasswords } from '../sites/saved-passwords.ts';
import { readClientSettings } from '../sites/settings.ts';
import type { Site } from '../sites/site.ts';
import { displayName } from '../text/format.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { askPassword, canAsk } from './questions.ts';
import type { SitesRequest } from './request.ts';
import { siteUrl } from './site-url.ts';

const WORDS: Readonly<Record<ImportStep['action'], string>> = {
  add: 'new',
  replace: 'replaced',
  keep: 'kept',
  skip: 'skipped',
};

/** Bookmarks the sites of another client. Its passwords are left where they are. */
export async function importSites({ context, args, options }: SitesRequest): Promise<void> {
  if (options.askPasswords === true && !canAsk(context)) {
    throw new UsageError('--ask-passwords requires a terminal.');
  }
  const { client, entries } = await readSiteFile(resolve(context.cwd, args[0] ?? ''));
  const bookmarks = new Bookmarks(clientPaths(context.environment));
  const steps = planImport(entries, {
    existing: await bookmarks.list(),
    onClash: options.overwrite === true ? 'replace' : 'rename',
  });
  const added = steps.flatMap(({ action, site }) =>
    site !== undefined && (action === 'add' || action === 'replace') ? [site] : [],
  );
  if (options.dryRun !== true) await bookmarks.saveAll(added);
  report(steps, context, options.json === true ? 'json' : 'text');
  if (options.json !== true) {
    const verb = options.dryRun === true ? 'would be added' : 'added';
    context.stderr.write(
      `myftp-tui: ${added.length} of ${steps.length} sites of ${client} ${verb}.\n`,
    );
  }
  if (options.askPasswords === true && options.dryRun !== true) await keepPasswords(context, added);
}

function report(
  steps: readonly ImportStep[],
  { stdout }: CommandContext,
  form: 'json' | 'text',
): void {
  const lineOf = form === 'json' ? jsonOf : textOf;
  stdout.write(steps.map((step) => `${lineOf(step)}\n`).join(''));
}

function jsonOf({ action, label, site, note }: ImportStep): string {
  const { id: _, ...facts } = site ?? { id: '' };
  return JSON.stringify({ type: 'site', action, label, note, ...facts });
}

function textOf({ action, label, site, note }: ImportStep): string {
  const word = WORDS[action].padEnd('replaced'.length);
  const reason = note === undefined ? '' : `${displayName(label)}: ${displayName(note)}`;
  if (site === undefined || action === 'keep') return `${word}  ${reason}`;
  return `${word}  ${site.id}  ${siteUrl(site)}${reason === '' ? '' : `  (${reason})`}`;
}

/** Asks once for each account; an empty answer leaves it out. */
async function keepPasswords(context: CommandContext, sites: readonly Site[]): Promise<void> {
  const { settings, netrc } = clientPaths(context.environment);
  const { keyring: usesKeyring } = await readClientSettings(settings);
  const warn = (sentence: string) => void context.stderr.write(`myftp-tui: ${sentence}\n`);
  const passwords = savedPasswords({ netrc, usesKeyring, warn });
  if (!passwords.canKeep) return warn('The keyring is disabled in settings.toml.');
  for (const site of sites.filter(({ username }) => username !== 'anonymous')) {
    const password = await askPassword(context, `${site.username} at ${site.host}`);
    if (password !== '' && !(await passwords.keep(site, password))) {
      return warn('The keyring cannot save the password; the client will ask at each login.');
    }
  }
}
