import { parseXml, XmlElement, XmlError, XmlText } from '@rgrove/parse-xml';
import type { TlsMode } from '../site.ts';
import { localPathOf, type SiteEntry, SiteFileError, siteEntry } from './imported-site.ts';

/** FileZilla's numbers of protocols (src/include/server.h). 0 is TLS if the server offers it. */
const TLS_OF_PROTOCOL: Readonly<Record<string, TlsMode>> = {
  0: 'explicit',
  3: 'implicit',
  4: 'explicit',
  6: 'none',
};
const SFTP_PROTOCOL = '1';
const ANONYMOUS_LOGON = '0';
const ROOTS = new Set(['FileZilla', 'FileZilla3']);
/** Types of server whose paths are written with slashes: default and Unix. */
const SLASH_PATH_TYPES = new Set(['0', '1']);

/**
 * Reads FileZilla's `sitemanager.xml`, and `recentservers.xml`, which has the same elements.
 *
 * @throws SiteFileError if it is not well-formed, or of another program.
 */
export function readFileZilla(text: string): readonly SiteEntry[] {
  const { root } = parsed(text);
  if (root === null || !ROOTS.has(root.name)) {
    throw new SiteFileError('Not a FileZilla file: expected sitemanager.xml.');
  }
  return entriesBelow(root, []);
}

function parsed(text: string) {
  try {
    return parseXml(text);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const [reason = ''] = error.message.split('\n');
    throw new SiteFileError(`Malformed XML: ${reason}`);
  }
}

function entriesBelow(parent: XmlElement, folders: readonly string[]): SiteEntry[] {
  return elementsOf(parent).flatMap((element) => {
    if (element.name === 'Server') return [entryOf(element, folders)];
    const label = element.name === 'Folder' ? [ownText(element)] : [];
    return entriesBelow(element, [...folders, ...label]);
  });
}

function entryOf(server: XmlElement, folders: readonly string[]): SiteEntry {
  const field = (name: string) =>
    elementsOf(server)
      .find((one) => one.name === name)
      ?.text.trim();
  const host = field('Host') ?? '';
  const labels = [...folders, field('Name') || ownText(server) || host];
  const protocol = field('Protocol') ?? '0';
  const tls = TLS_OF_PROTOCOL[protocol];
  if (protocol === SFTP_PROTOCOL) return { labels, reason: 'SFTP is not supported.' };
  if (tls === undefined) return { labels, reason: 'its protocol is not FTP.' };
  const isAnonymous = field('Logontype') === ANONYMOUS_LOGON;
  return siteEntry({
    labels,
    host,
    port: field('Port'),
    tls,
    username: (isAnonymous ? undefined : field('User')) || 'anonymous',
    remotePath: remotePath(field('RemoteDir')),
    localPath: localPathOf(field('LocalDir')),
  });
}

/**
 * Reads FileZilla's form of a path: type of server, length of a prefix and the prefix, then length and text of each
 * part, as `1 0 3 www 9 my images`.
 */
function remotePath(text: string | undefined): string | undefined {
  const [, type = '', rest = ''] = /^(\d+) 0(?: (.*))?$/s.exec(text ?? '') ?? [];
  if (!SLASH_PATH_TYPES.has(type)) return undefined;
  const parts: string[] = [];
  for (let left = rest; left !== ''; ) {
    const [head = '', digits] = /^(\d+) /.exec(left) ?? [];
    const end = head.length + Number(digits);
    if (head === '' || end > left.length) return undefined;
    parts.push(left.slice(head.length, end));
    left = left.slice(end).replace(/^ /, '');
  }
  return `/${parts.join('/')}`;
}

function elementsOf(parent: XmlElement): XmlElement[] {
  return parent.children.filter((child) => child instanceof XmlElement);
}

/** The text of the element itself, where FileZilla writes names of folders. */
function ownText(element: XmlElement): string {
  return element.children
    .filter((child) => child instanceof XmlText)
    .map(({ text }) => text)
    .join('')
    .trim();
}
