import type { GapFinder } from '../../files/listing.ts';
import { type Entry, type EntryKind, isPlainName } from '../../files/place.ts';
import type { LineReader } from './line-reader.ts';
import { parseMachineTime } from './machine-time.ts';

/** Reads MLSD (RFC 3659 §7.2). */
export class MachineReader implements LineReader {
  readonly #gaps: GapFinder;

  constructor(gaps: GapFinder) {
    this.#gaps = gaps;
  }

  read(line: string): Entry | undefined {
    const entry = parseMachineLine(line);
    if (entry === undefined && !isOwnDirectory(line)) this.#gaps.notUnderstood(line);
    return entry;
  }

  end(): void {}
}

/** Whether a line shows no entry of the directory, but itself or its parent, or nothing. */
function isOwnDirectory(line: string): boolean {
  return line.trim() === '' || /^(\S*;)?type=[cp]dir;/i.test(line) || /^\S* \.\.?$/.test(line);
}

/** One line of MLSD; undefined for the directory itself, its parent and hostile names. */
function parseMachineLine(line: string): Entry | undefined {
  const space = line.indexOf(' ');
  const name = line.slice(space + 1);
  if (space === -1 || !isPlainName(name) || !/^(.*=.*)?$/.test(line.slice(0, Math.max(0, space))))
    return undefined;
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
    ...uniqueOf(type, facts.get('unique')),
    ...(isYes(facts.get('x.partial')) && { isPartial: true }),
  };
}

/** The facts of a reply to MLST: the name there is a pathname, and not looked at. */
export function parseFactsOf(line: string, name: string): Entry | undefined {
  const space = line.indexOf(' ');
  const facts = (space === -1 ? line : line.slice(0, space)).replace(/type=[cp]dir;/i, 'type=dir;');
  return parseMachineLine(`${facts} ${name}`);
}

/** The owner as an entry has it; none for an empty text. */
export function ownerOf(text: string | undefined): Pick<Entry, 'owner'> {
  return text === undefined || text === '' ? {} : { owner: text };
}

/** Kept of directories only: it shows where a walk comes back to one. */
function uniqueOf(type: string, text = ''): Pick<Entry, 'unique'> {
  return text === '' || kindOfType(type) !== 'directory' ? {} : { unique: text };
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
  // pyftpdlib writes 0o644.
  const digits = /^(?:0o)?([0-7]{3,6})$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8) & 0o7777;
}

function isYes(text: string | undefined): boolean {
  return text !== undefined && !/^(0|no|false)?$/i.test(text);
}
