import { readFile, stat } from 'node:fs/promises';
import { readFileZilla } from './filezilla.ts';
import { type SiteEntry, SiteFileError } from './imported-site.ts';
import { readLftpBookmarks } from './lftp-bookmarks.ts';
import { isEncryptedRclone, readRclone } from './rclone.ts';
import { readWinScp } from './winscp.ts';

type ForeignClient = 'FileZilla' | 'WinSCP' | 'rclone' | 'lftp';

export interface SiteFile {
  readonly client: ForeignClient;
  readonly entries: readonly SiteEntry[];
}

const MAX_FILE_BYTES = 32 * 1024 * 1024;

/**
 * Reads the sites that another client has stored. The content decides which client it is.
 *
 * @throws SiteFileError with a sentence about the file.
 */
export async function readSiteFile(path: string): Promise<SiteFile> {
  const text = await textOf(path);
  try {
    return siteFileOf(text);
  } catch (error) {
    if (!(error instanceof SiteFileError)) throw error;
    throw new SiteFileError(`${path}: ${error.message}`);
  }
}

/** The same for the text of a file. */
export function siteFileOf(text: string): SiteFile {
  if (/^\s*</.test(text)) return { client: 'FileZilla', entries: readFileZilla(text) };
  if (/^\s*\[(Sessions|Configuration)\\/m.test(text)) {
    return { client: 'WinSCP', entries: readWinScp(text) };
  }
  if (isEncryptedRclone(text) || /^\s*\[.+\]\s*$/m.test(text)) {
    return { client: 'rclone', entries: readRclone(text) };
  }
  const entries = readLftpBookmarks(text);
  if (entries !== undefined) return { client: 'lftp', entries };
  throw new SiteFileError(
    "No sites found: expected FileZilla's sitemanager.xml, WinSCP.ini, rclone.conf or lftp's bookmarks.",
  );
}

async function textOf(path: string): Promise<string> {
  const bytes = await bytesOf(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SiteFileError(`${path} is not UTF-8 text.`);
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    const facts = await stat(path);
    if (facts.size <= MAX_FILE_BYTES) return await readFile(path);
  } catch (error) {
    throw new SiteFileError(`${path} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.`);
  }
  throw new SiteFileError(`${path} is too large for a site list.`);
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
  };
  return reasons[code ?? ''] ?? message;
}
