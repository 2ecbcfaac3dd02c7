import type { Entry } from '../files/place.ts';
import type { Site } from '../sites/site.ts';
import type { Pane } from '../state/pane.ts';
import { chosenEntries } from '../state/pane.ts';

interface CommandScene {
  readonly active: Pane;
  readonly other: Pane;
  readonly site: Site;
}

/** What could be done now, as commands for a shell, each after a word that says what it does. */
export function commandLines({ active, other, site }: CommandScene): readonly string[] {
  const chosen = chosenEntries(active, other.path);
  const remote = active.place === 'remote' ? active : other;
  const lines: string[] = [];
  if (chosen.length > 0) {
    lines.push(`Copy    ${copyCommand({ active, other, site })}`);
    if (active.place === 'remote') {
      const paths = chosen.map(({ path }) => target(site, path));
      lines.push(`Delete  ${command('rm', hasDirectory(chosen) ? ['-r'] : [], paths)}`);
    }
  }
  lines.push(`List    ${command('ls', ['-l'], [target(site, remote.path)])}`);
  lines.push(`Mirror  ${mirrorCommand({ active, other, site })}`);
  return lines;
}

function copyCommand({ active, other, site }: CommandScene): string {
  const chosen = chosenEntries(active, other.path);
  const directory = chosen[0]?.targetDirectory ?? other.path;
  const flags = hasDirectory(chosen) ? ['-r'] : [];
  const paths = chosen.map(({ path }) => path);
  return active.place === 'local'
    ? command('put', flags, [...paths, target(site, directory)])
    : command('get', flags, [...paths.map((path) => target(site, path)), directory]);
}

function mirrorCommand({ active, other, site }: CommandScene): string {
  const ends = [active, other].map((pane) =>
    pane.place === 'local' ? pane.path : target(site, pane.path),
  );
  return command('mirror', [], ends);
}

function command(verb: string, flags: readonly string[], operands: readonly string[]): string {
  return ['myftp-tui', verb, ...flags, ...operands.map(quoted)].join(' ');
}

/** A bookmark's name, or a URL. */
function target(site: Site, path: string): string {
  if (site.name !== undefined) return `${site.name}:${path}`;
  const scheme = { explicit: 'ftpes', implicit: 'ftps', none: 'ftp' }[site.tls];
  const host = site.host.includes(':') ? `[${site.host}]` : site.host;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `${scheme}://${encodeURIComponent(site.username)}@${host}:${site.port}${encoded}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function hasDirectory(chosen: readonly { readonly entry: Entry }[]): boolean {
  return chosen.some(({ entry }) => entry.kind === 'directory');
}
