import type { Entry, EntryKind } from '../../files/place.ts';
import { parseUnixLine } from '../basic-ftp/unix-line.ts';
import { parseListedTime } from './listed-time.ts';
import { ownerOf } from './listing-parser.ts';

/**
 * A format of LIST: an entry, the directory itself or its parent, a line that names nothing, or undefined for a line
 * of another format.
 */
export type ListFormat = (line: string, nowMs: number) => Entry | 'itself' | 'heading' | undefined;

/** As `ls -l` writes it, also as a Windows server does. */
const unixFormat: ListFormat = (line, nowMs) => {
  if (/^\s*total:?\s+[\d.,]+\s*[a-z]*\s*$/i.test(line)) return 'heading';
  const facts = parseUnixLine(line);
  if (facts === undefined || facts === 'itself') return facts;
  const { name, date, owner, ...more } = facts;
  const kind = /^[\s\d]*[bcpsS]/.test(line) ? 'other' : more.kind;
  return entryOf(name, kind, {
    ...more,
    sizeBytes: kind === 'directory' ? undefined : more.sizeBytes,
    ...timeIn(date, nowMs),
    ...ownerOf(owner),
  });
};

/** As `dir` writes it: IIS and others on Windows. */
const dosFormat: ListFormat = (line, nowMs) => {
  const match =
    /^\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\s+\d{1,2}:\d\d(?::\d\d)?\s?(?:[AP]M?)?)\s+(?:<(\w+)>|(\d[\d.,]*))\s+(\S.*)$/i.exec(
      line,
    );
  if (match === null) return undefined;
  const [, date = '', type, size = '', name = ''] = match;
  if (name === '.' || name === '..') return 'itself';
  const time = timeIn(date, nowMs);
  if (type === undefined) {
    return entryOf(name, 'file', { sizeBytes: Number(size.replace(/[.,]/g, '')), ...time });
  }
  if (type.toUpperCase() === 'DIR') return entryOf(name, 'directory', time);
  const at = name.endsWith(']') ? name.indexOf(' [') : -1;
  if (at === -1) return entryOf(name, 'link', time);
  const linkTarget = name.slice(at + 2, -1);
  return entryOf(name.slice(0, at).trimEnd(), 'link', { linkTarget, ...time });
};

/** Easily Parsed LIST Format (publicfile): `+i8388621,m825718503,r,s280,<tab>name`. */
const eplfFormat: ListFormat = (line) => {
  const [, facts, name = ''] = /^\+([^\t]*)\t(.+)$/.exec(line) ?? [];
  if (facts === undefined) return undefined;
  const list = facts.split(',');
  const number = (letter: string) => {
    const fact = list.find((one) => one.startsWith(letter))?.slice(1);
    return fact !== undefined && /^\d+$/.test(fact) ? Number(fact) : undefined;
  };
  const kind = list.includes('/') ? 'directory' : list.includes('r') ? 'file' : 'other';
  const seconds = number('m');
  return entryOf(name, kind, {
    sizeBytes: kind === 'file' ? number('s') : undefined,
    modifiedMs: seconds === undefined ? undefined : seconds * 1000,
  });
};

/** OpenVMS. Sizes are in blocks, so they are not known; of several versions the first is the newest. */
const vmsFormat: ListFormat = (line, nowMs) => {
  if (/^\s*(directory\s.*\]|(grand )?total of \d+ .*|%DIRECT-W-NOFILES, .*)\s*$/i.test(line))
    return 'heading';
  const [, name, date = ''] =
    /^(\S+?);\d+\s+\d+(?:\/\d+)?\s+(\d{1,2}-[a-z]{3}-\d{4}(?:\s+\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?)?)(?:\s+\[[^\]]*\])?(?:\s+\([^)]*\))?\s*$/i.exec(
      line,
    ) ?? [];
  if (name === undefined) return undefined;
  const time = timeIn(date, nowMs);
  const directory = /^(.+)\.DIR$/i.exec(name)?.[1];
  return directory === undefined
    ? entryOf(name, 'file', time)
    : entryOf(directory, 'directory', time);
};

/** Data sets of z/OS. */
const mvsFormat: ListFormat = (line) => {
  if (/^\s*volume\s+unit\s+referred\s/i.test(line)) return 'heading';
  const [, organization, name = ''] =
    /^\S+\s+\S+\s+(?:\d{4}\/\d\d\/\d\d|\*\*NONE\*\*)\s+\d+\s+\d+\s+\S+\s+\d+\s+\d+\s+(\S+)\s+(\S+)\s*$/.exec(
      line,
    ) ?? [];
  if (organization === undefined) return undefined;
  const kind = organization.startsWith('PO') ? 'directory' : 'file';
  return entryOf(name, organization === 'PS' || kind === 'directory' ? kind : 'other');
};

/** IBM i (OS/400): `OWNER 512 26/03/02 14:11:00 *STMF name`. */
const os400Format: ListFormat = (line, nowMs) => {
  const [, size, date = '', clock = '', type = '', name = ''] =
    /^\S+\s+(\d+)\s+(\d\d[/.-]\d\d[/.-]\d\d)\s+(\d\d:\d\d:\d\d)\s+\*(\w+)\s+(\S.*?)\s*$/.exec(
      line,
    ) ?? [];
  if (size === undefined) return undefined;
  const plainName = name.replace(/\/$/, '');
  // The year comes first, in two digits.
  const time = timeIn(`20${date.replace(/[/.]/g, '-')} ${clock}`, nowMs);
  if (/^(DIR|DDIR|LIB|FLR)$/.test(type)) return entryOf(plainName, 'directory', time);
  if (!/^D?STMF$/.test(type)) return entryOf(plainName, 'other', time);
  return entryOf(plainName, 'file', { sizeBytes: Number(size), ...time });
};

/** NetWare: `- [RWCEAFMS] owner 1024 Mar 02 14:11 name`. */
const netWareFormat: ListFormat = (line, nowMs) => {
  const [, type, size, date = '', name = ''] =
    /^([d-])\s*\[[A-Z _-]*\]\s+\S+\s+(\d+)\s+([A-Za-z]{3}\s+\d{1,2}\s+[\d:]{4,5})\s(\S.*)$/.exec(
      line,
    ) ?? [];
  if (type === undefined) return undefined;
  const time = timeIn(date, nowMs);
  return type === 'd'
    ? entryOf(name, 'directory', time)
    : entryOf(name, 'file', { sizeBytes: Number(size), ...time });
};

/** The most frequent ones first. */
export const LIST_FORMATS: readonly ListFormat[] = [
  unixFormat,
  dosFormat,
  eplfFormat,
  vmsFormat,
  netWareFormat,
  os400Format,
  mvsFormat,
];

const NO_FACTS = { sizeBytes: undefined, modifiedMs: undefined, mode: undefined };

function entryOf(name: string, kind: EntryKind, facts: Partial<Entry> = {}): Entry {
  const { sizeBytes = NaN } = facts;
  const isSize = Number.isSafeInteger(sizeBytes) && sizeBytes >= 0;
  return { ...NO_FACTS, ...facts, name, kind, sizeBytes: isSize ? sizeBytes : undefined };
}

function timeIn(text: string, nowMs: number): Pick<Entry, 'approximateTime'> {
  const approximateTime = parseListedTime(text, nowMs);
  return approximateTime === undefined ? {} : { approximateTime };
}
