import { DEFAULT_PORTS } from '../bookmarks.ts';
import type { Site } from '../site.ts';
import { type ImportedSite, isSkipped, type SiteEntry } from './imported-site.ts';

/** What happens to an entry of another client's file. */
export interface ImportStep {
  readonly action: 'add' | 'replace' | 'keep' | 'skip';
  /** The name in the other client's file, with its folders. */
  readonly label: string;
  /** The site as it will be; of `keep` the one that exists. */
  readonly site?: Site;
  /** Completes "LABEL: ..."; for `keep` and `skip`, and where the name was taken. */
  readonly note?: string;
}

/** For a site whose name and host have no letter that a name can have. */
const NAMELESS = 'site';

interface ImportOptions {
  readonly existing: readonly Site[];
  /** What happens to a different site of the same name: the new one gets another name, or replaces it. */
  readonly onClash: 'rename' | 'replace';
}

/**
 * Decides about names: a site that exists already is kept, and no two entries of the file get one name.
 */
export function planImport(
  entries: readonly SiteEntry[],
  { existing, onClash }: ImportOptions,
): readonly ImportStep[] {
  const before = new Map(existing.map((site) => [site.id, site]));
  const used = new Map<string, Site>();
  return entries.map((entry) => {
    const label = entry.labels.join('/');
    if (isSkipped(entry)) return { action: 'skip', label, note: entry.reason };
    const twin = [...before.values(), ...used.values()].find((site) => isSame(site, entry));
    if (twin !== undefined) {
      return { action: 'keep', label, site: twin, note: `already saved as "${twin.id}".` };
    }
    const [wanted = NAMELESS, ...others] = namesFor(entry);
    const replaces = onClash === 'replace' && before.has(wanted) && !used.has(wanted);
    const isFree = (name: string) => !used.has(name) && !before.has(name);
    const name = replaces ? wanted : firstFree([wanted, ...others], isFree);
    const site = siteOf(entry, name);
    used.set(name, site);
    if (replaces) return { action: 'replace', label, site };
    const note = name === wanted ? {} : { note: `the name "${wanted}" is taken.` };
    return { action: 'add', label, site, ...note };
  });
}

function siteOf(entry: ImportedSite, name: string): Site {
  const { host, tls, username, remotePath, localPath } = entry;
  const port = entry.port ?? DEFAULT_PORTS[tls];
  return { id: name, name, host, port, tls, username, remotePath, localPath };
}

function isSame(site: Site, entry: ImportedSite): boolean {
  const other = siteOf(entry, site.id);
  return (
    site.host.toLowerCase() === other.host.toLowerCase() &&
    site.port === other.port &&
    site.tls === other.tls &&
    site.username === other.username &&
    site.remotePath === other.remotePath &&
    namesFor(entry).some((name) => site.id === name || site.id.startsWith(`${name}-`))
  );
}

/** Names in the order of preference: the site's own, that with its folders, the host. */
function namesFor({ labels, host }: ImportedSite): readonly string[] {
  const names = [labels.slice(-1), labels, [host]].map((parts) => bookmarkName(parts.join('-')));
  const usable = [...new Set(names)].filter((name) => name !== '');
  return usable.length === 0 ? [NAMELESS] : usable;
}

/** The text with what a bookmark's name can have: letters, digits, ".", "-" and "_". */
function bookmarkName(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/-{2,}/g, '-')
    .replace(/^[.-]+/, '')
    .replace(/-+$/, '');
}

function firstFree(names: readonly string[], isFree: (name: string) => boolean): string {
  const free = names.find(isFree);
  if (free !== undefined) return free;
  const base = names.at(0) ?? NAMELESS;
  for (let number = 2; ; number++) {
    if (isFree(`${base}-${number}`)) return `${base}-${number}`;
  }
}
