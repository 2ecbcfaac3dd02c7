import type { TlsMode } from '../site.ts';

/** A site as another client has stored it. Passwords are never read. */
export interface ImportedSite {
  /** The site's name in the other client, with its folders in front: `['Customers', 'My site']`. */
  readonly labels: readonly string[];
  readonly host: string;
  /** Undefined for the default port of the TLS mode. */
  readonly port: number | undefined;
  readonly tls: TlsMode;
  readonly username: string;
  readonly remotePath: string | undefined;
  readonly localPath: string | undefined;
}

/** An entry that cannot become a site, with a reason that completes "NAME: ...". */
export interface SkippedSite {
  readonly labels: readonly string[];
  readonly reason: string;
}

export type SiteEntry = ImportedSite | SkippedSite;

/** A file that none of the known clients writes. The message is a sentence for the user. */
export class SiteFileError extends Error {
  override readonly name = 'SiteFileError';
}

export function isSkipped(entry: SiteEntry): entry is SkippedSite {
  return 'reason' in entry;
}

const MAX_PORT = 65_535;

/**
 * Reads a port.
 *
 * @returns undefined for empty text, `invalid` for text that is no port.
 */
function portOf(text: string | undefined): number | undefined | 'invalid' {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  return /^\d+$/.test(text) && port >= 1 && port <= MAX_PORT ? port : 'invalid';
}

/** A directory of this machine; undefined for one of Windows. */
export function localPathOf(text: string | undefined): string | undefined {
  return text?.startsWith('/') || text?.startsWith('~/') ? text : undefined;
}

/** Checks what every client's entry must have. */
export function siteEntry(
  site: Omit<ImportedSite, 'port'> & { readonly port: string | undefined },
): SiteEntry {
  const { labels } = site;
  if (site.host === '') return { labels, reason: 'missing host.' };
  const port = portOf(site.port);
  if (port === 'invalid') return { labels, reason: `invalid port "${site.port}".` };
  return { ...site, port };
}
