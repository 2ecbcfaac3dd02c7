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

/** `itself` for the directory that is listed and its parent; undefined for a line of another format. */
export function parseUnixLine(line: string): UnixLine | 'itself' | undefined {
  // basic-ftp would take other formats for that of Unix, too.
  if (!/^[\s\d]*[bcdelfmpsS-][rwxsStTL-]{3}/.test(line)) return undefined;
  try {
    const [info] = parseList(line);
    return info === undefined ? 'itself' : unixLine(info);
  } catch {
    return undefined;
  }
}

function unixLine({ permissions, link, ...info }: FileInfo): UnixLine {
  return {
    name: info.name,
    kind: KINDS[info.type],
    sizeBytes: info.size,
    date: info.rawModifiedAt,
    owner: info.user,
    mode: permissions && permissions.user * 64 + permissions.group * 8 + permissions.world,
    ...(link !== undefined && { linkTarget: link }),
  };
}
