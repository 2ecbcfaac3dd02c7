import { type FileInfo, FileType, parseList } from 'basic-ftp';
import { type Entry, type EntryKind, isPlainName } from '../place.ts';
import { parseMachineTime } from './machine-time.ts';

/** One line of MLSD (RFC 3659 §7.2); undefined for the directory itself, its parent and hostile names. */
export function parseMachineLine(line: string): Entry | undefined {
  const space = line.indexOf(' ');
  const name = line.slice(space + 1);
  if (!isPlainName(name) || !/^(.*=.*)?$/.test(line.slice(0, Math.max(0, space)))) return undefined;
  const facts = readFacts(line.slice(0, space));
  const type = facts.get('type') ?? '';
  if (/^[cp]dir$/i.test(type)) return undefined;
  const target = /^os\.unix=s(?:ym)?link:(.+)$/i.exec(type)?.[1];
  return {
    name,
    kind: kindOfType(type),
    sizeBytes: readNumber(facts.get('size')),
    modifiedMs: parseMachineTime(facts.get('modify') ?? ''),
    mode: readMode(facts.get('unix.mode')),
    ...(target !== undefined && { linkTarget: target }),
    ...ownerOf(facts.get('unix.ownername') ?? facts.get('unix.owner')),
    ...(isYes(facts.get('x.partial')) && { isPartial: true }),
  };
}

/** The facts of a reply to MLST: the name there is a pathname, and not looked at. */
export function parseFactsOf(line: string, name: string): Entry | undefined {
  const space = line.indexOf(' ');
  const facts = (space === -1 ? line : line.slice(0, space)).replace(/type=[cp]dir;/i, 'type=dir;');
  return parseMachineLine(`${facts} ${name}`);
}

/** One line of LIST, as Unix or DOS write it; undefined for what is no entry. */
export function parseListLine(line: string): Entry | undefined {
  if (line === '' || line.startsWith('total ')) return undefined;
  const info = fileInfoOf(line);
  if (info === undefined || !isPlainName(info.name)) return undefined;
  const { permissions } = info;
  return {
    name: info.name,
    kind: KINDS[info.type],
    sizeBytes: info.type === FileType.Directory ? undefined : finite(info.size),
    modifiedMs: info.modifiedAt?.getTime(),
    mode: permissions && permissions.user * 64 + permissions.group * 8 + permissions.world,
    ...(info.link !== undefined && { linkTarget: info.link }),
    ...ownerOf(info.user),
  };
}

function ownerOf(text: string | undefined): Pick<Entry, 'owner'> {
  return text === undefined || text === '' ? {} : { owner: text };
}

const KINDS: Readonly<Record<FileType, EntryKind>> = {
  [FileType.Unknown]: 'other',
  [FileType.File]: 'file',
  [FileType.Directory]: 'directory',
  [FileType.SymbolicLink]: 'link',
};

function fileInfoOf(line: string): FileInfo | undefined {
  try {
    return parseList(line)[0];
  } catch {
    return undefined;
  }
}

function readFacts(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const fact of text.split(';')) {
    const equals = fact.indexOf('=');
    if (equals > 0) facts.set(fact.slice(0, equals).toLowerCase(), fact.slice(equals + 1));
  }
  return facts;
}

function kindOfType(type: string): EntryKind {
  const lower = type.toLowerCase();
  if (lower === 'dir') return 'directory';
  if (lower === 'file') return 'file';
  return /^os\.unix=s(ym)?link/.test(lower) ? 'link' : 'other';
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? finite(Number(text)) : undefined;
}

function finite(value: number): number | undefined {
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function readMode(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-7]{3,6}$/.test(text)
    ? Number.parseInt(text, 8) & 0o7777
    : undefined;
}

function isYes(text: string | undefined): boolean {
  return text !== undefined && !/^(0|no|false)?$/i.test(text);
}
