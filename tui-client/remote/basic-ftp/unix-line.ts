import { type FileInfo, FileType, parseList } from 'basic-ftp';
import type { EntryKind } from '../../files/place.ts';

/** What a line of `ls -l` says, as basic-ftp reads it. */
export interface UnixLine {
  readonly name: string;
  readonly kind: EntryKind;
  readonly sizeBytes: number;
  /** As it is written there. */
  readonly date: string;
  readonly owner: string | undefined;
  readonly mode: number | undefined;
  readonly linkTarget?: string;
}

const KINDS: Readonly<Record<FileType, EntryKind>> = {
  [FileType.Unknown]: 'other',
  [FileType.File]: 'file',
  [FileType.Directory]: 'directory',
  [FileType.SymbolicLink]: 'link',
};

/** basic-ftp ends a name before these characters, so it gets others, which no decoded text contains. */
const STAND_INS: Readonly<Record<string, string>> = { '\u2028': '\udc28', '\u2029': '\udc29' };
const ORIGINALS: Readonly<Record<string, string>> = { '\udc28': '\u2028', '\udc29': '\u2029' };

/** `itself` for the directory that is listed and its parent; undefined for a line of another format. */
export function parseUnixLine(line: string): UnixLine | 'itself' | undefined {
  // basic-ftp would take other formats for that of Unix, too.
  if (!/^[\s\d]*[bcdelfmpsS-][rwxsStTL-]{3}/.test(line)) return undefined;
  // No command can contain such a name, and basic-ftp would return the beginning of it.
  if (line.includes('\r')) return undefined;
  try {
    const [info] = parseList(line.replace(/[\u2028\u2029]/g, (one) => STAND_INS[one] ?? one));
    return info === undefined ? 'itself' : unixLine(info);
  } catch {
    return undefined;
  }
}

function unixLine({ permissions, link, ...info }: FileInfo): UnixLine {
  return {
    name: original(info.name),
    kind: KINDS[info.type],
    sizeBytes: info.size,
    date: info.rawModifiedAt,
    owner: info.user,
    mode: permissions && permissions.user * 64 + permissions.group * 8 + permissions.world,
    ...(link !== undefined && { linkTarget: original(link) }),
  };
}

function original(text: string): string {
  return text.replace(/[\udc28\udc29]/g, (one) => ORIGINALS[one] ?? one);
}
