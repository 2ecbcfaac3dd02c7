import { isIPv4, isIPv6 } from 'node:net';
import { isPossibleUsername } from '../accounts/signup-rules.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { parseNetwork } from '../network/network-range.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

// Each parser reads the text of a setting and throws a WrongFormError, whose message follows the setting's name.

const MS_PER_DAY = 86_400_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
const MIN_PASV_PORT = 1024;
export const MAX_PORT = 65_535;
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?$/i;

const SYSTEM_NAME = /^(?:\d{1,9}|[a-z_][a-z0-9_.@-]{0,63}\$?)$/i;

export function wholeNumber(rule: { what: string; least: number; most: number; example: string }) {
  return (text: string): number => {
    const number = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (number >= rule.least && number <= rule.most) return number;
    throw new WrongFormError(
      `${quoted(text)} is not ${rule.what}. Write a whole number from ${rule.least} to ${rule.most}, such as ${rule.example}.`,
    );
  };
}

/** @throws WrongFormError for what cannot be the name of an account. */
export function parseAccountName(text: string): string {
  if (isPossibleUsername(text)) return text;
  throw new WrongFormError(
    `${JSON.stringify(text)} cannot be the name of an account. Write the name of one, such as dropbox.`,
  );
}

/**
 * Reads the number of files and directories that an account may have; 0 sets no limit.
 *
 * @throws WrongFormError
 */
export function parseMaxFiles(text: string): number {
  return wholeNumber({
    what: 'a number of files',
    least: 0,
    most: 1_000_000_000_000,
    example: '1000000 (0 sets no limit)',
  })(text);
}

export function duration({ leastMs }: { leastMs: number }) {
  return (text: string): number => {
    const ms = parseDuration(text);
    if (ms < leastMs) throw new WrongFormError(`${quoted(text)} is too short. Write 1s or more.`);
    if (ms > MAX_TIMER_MS)
      throw new WrongFormError(`${quoted(text)} is too long. Write 24d or less.`);
    return ms;
  };
}

/** A time that no timer has to run for, so it may be years. */
export function longDuration(rule: { leastMs: number; mostDays: number; example: string }) {
  return (text: string): number => {
    const ms = parseDuration(text);
    if (ms >= rule.leastMs && ms <= rule.mostDays * MS_PER_DAY) return ms;
    throw new WrongFormError(
      `${quoted(text)} is not a time that it can be. Write one from ${formatDuration(rule.leastMs)} to ${rule.mostDays}d, such as ${rule.example}.`,
    );
  };
}

/** A whole number from 1 on, or a word for 0. */
export function limitOr(word: string, rule: { what: string; most: number; example: string }) {
  const number = wholeNumber({ ...rule, least: 0, example: `${rule.example}, or ${word}` });
  return (text: string): number => (text.trim().toLowerCase() === word ? 0 : number(text));
}

/** Writes what `limitOr` reads. */
export function formatCount(word: string) {
  return (count: number): number | string => (count === 0 ? word : count);
}

const MIN_RATE = 1024;

/** A number of bytes per second; `off` and 0 are no limit. */
export function parseRate(text: string): number {
  const compact = text.trim().toLowerCase();
  const bytes = compact === 'off' ? 0 : parseSize(compact.replace(/\/s$/, ''));
  if (bytes === 0 || bytes >= MIN_RATE) return bytes;
  throw new WrongFormError(
    `${quoted(text)} is slower than a transfer can be. Write 1K (bytes per second) or more, such as 2M, or off.`,
  );
}

/** Writes what `parseRate` reads. */
export function formatRate(bytesPerS: number): string {
  return bytesPerS === 0 ? 'off' : formatSize(bytesPerS);
}

/** Networks, separated by commas. */
export function parseNetworks(text: string): readonly string[] {
  return [...new Set(text.split(',').map(parseNetwork))];
}

/** The same, or `none` for an empty list. */
export function parseNetworksOrNone(text: string): readonly string[] {
  return text.trim().toLowerCase() === 'none' ? [] : parseNetworks(text);
}

/** Writes what `parseNetworksOrNone` reads. */
export function formatNetworks(networks: readonly string[]): string | readonly string[] {
  return networks.length === 0 ? 'none' : networks;
}

interface RetentionRule {
  /** Ends the sentence "… is not a time". */
  readonly purpose: string;
  readonly leastMs: number;
  readonly mostDays: number;
  /** Word for 0. */
  readonly word: string;
  readonly example: string;
}

/** A time that no timer has to run for, so it may be years; a word and 0 are one. */
export function retention({ purpose, leastMs, mostDays, word, example }: RetentionRule) {
  return (text: string): number => {
    const ms = text.trim().toLowerCase() === word ? 0 : parseDuration(text);
    if (ms <= mostDays * MS_PER_DAY && (ms === 0 || ms >= leastMs)) return ms;
    throw new WrongFormError(
      `${quoted(text)} is not a time ${purpose}. Write one from ${formatDuration(leastMs)} to ${mostDays}d, such as ${example}, or ${word}.`,
    );
  };
}

/** Writes what `retention` reads. */
export function formatRetention(word: string) {
  return (ms: number): string => (ms === 0 ? word : formatDuration(ms));
}

/**
 * Reads the time for which deleted files are kept; 0 for none.
 *
 * @throws WrongFormError
 */
export function parseKeepDeleted(text: string): number {
  return retention({
    purpose: 'to keep deleted files',
    ...{ leastMs: 1000, mostDays: 3650, word: 'off', example: '7d' },
  })(text);
}

/** One of a few words; `choices` are for completions. */
export function oneOf<const Words extends readonly string[]>(...choices: Words) {
  const parse = (text: string): Words[number] => {
    const word = choices.find((one) => one === text.trim().toLowerCase());
    if (word !== undefined) return word;
    throw new WrongFormError(
      `${quoted(text)} is not one of its values. Write ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}.`,
    );
  };
  return Object.assign(parse, { choices });
}

export function parseHost(text: string): string {
  const host = text.trim();
  if (isIPv4(host) || isIPv6(host) || isHostName(host)) return host;
  const [, bracketed] = /^\[(.*)\]$/.exec(host) ?? [];
  if (bracketed !== undefined && isIPv6(bracketed)) return bracketed;
  if (host === '*') {
    throw new WrongFormError(
      '"*" is not an address. Write :: for all addresses, or 0.0.0.0 for all of IPv4.',
    );
  }
  const [, name, port] = /^(.+):(\d+)$/.exec(host) ?? [];
  if (name !== undefined) {
    throw new WrongFormError(
      `${quoted(text)} has a port in it. Write ${name} here and ${port} as the port.`,
    );
  }
  throw new WrongFormError(
    `${quoted(text)} is not an address or host name. Write one such as 127.0.0.1, :: or ftp.example.org.`,
  );
}

/** Resolvers read `1.2.3` and `300.1.1.1` as addresses that were not meant. */
function looksLikeIPv4(host: string): boolean {
  return /^[\d.]+$/.test(host);
}

export function isHostName(text: string): boolean {
  return HOST_NAME.test(text) && !looksLikeIPv4(text);
}

export function parsePortRange(text: string): { readonly first: number; readonly last: number } {
  const [, firstText, lastText] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const [first, last] = [Number(firstText), Number(lastText)];
  if (Number.isNaN(first)) {
    const [, from, to] = /^(\d+)\s*(?:\.\.+|[:,;/–]| to )\s*(\d+)$/.exec(text.trim()) ?? [];
    throw new WrongFormError(
      `${quoted(text)} is not a range of ports. Write first-last, such as ${from === undefined ? '50000-50100' : `${from}-${to}`}.`,
    );
  }
  if (lastText === undefined) throw new WrongFormError(onePort(text, first));
  if (first > last) {
    throw new WrongFormError(
      `${quoted(text)} runs backwards. Write the lower port first: ${last}-${first}.`,
    );
  }
  if (first < MIN_PASV_PORT || last > MAX_PORT) {
    throw new WrongFormError(
      `${quoted(text)} leaves the usable ports. Write a range within ${MIN_PASV_PORT}-${MAX_PORT}, such as 50000-50100.`,
    );
  }
  return { first, last };
}

/** One port serves one data connection per address at a time, which is rarely intended. */
function onePort(text: string, port: number): string {
  const isUsable = port >= MIN_PASV_PORT && port <= MAX_PORT - 100;
  const example = isUsable ? `${port}-${port + 100}` : '50000-50100';
  return `${quoted(text)} is one port. Write first-last, such as ${example}, with a port for each transfer that an address runs at a time.`;
}

export function pathOf(kind: 'directory' | 'file') {
  return (text: string): string => {
    if (text.trim() === '') throw new WrongFormError(`it is empty. Write the path of a ${kind}.`);
    if (text.includes('\0'))
      throw new WrongFormError(`${quoted(text)} holds a NUL, which no path can.`);
    return text;
  };
}

/** Checks the form only: the start looks the user up, because commands do not need it. */
export function parseUser(text: string): string {
  const user = text.trim();
  if (user === 'root' || /^0+$/.test(user)) {
    throw new WrongFormError(
      `${quoted(text)} is the user that this setting is to give up. Write another one, such as myftp.`,
    );
  }
  if (SYSTEM_NAME.test(user)) return user;
  throw new WrongFormError(
    `${quoted(text)} is not the name or number of a user. Write one such as myftp or 1000.`,
  );
}

export function parseGroup(text: string): string {
  const group = text.trim();
  if (SYSTEM_NAME.test(group)) return group;
  throw new WrongFormError(
    `${quoted(text)} is not the name or number of a group. Write one such as myftp or 1000.`,
  );
}

export function parseEncoding(text: string): string {
  const encoding = encodingNamed(text.trim());
  if (encoding === undefined) {
    throw new WrongFormError(
      `${quoted(text)} is not a known encoding. Write one such as windows-1252, iso-8859-2, shift_jis or gb18030.`,
    );
  }
  if (encoding === 'utf-8') {
    throw new WrongFormError(
      'names are read as UTF-8 first anyway. Name the encoding of the others, such as windows-1252, or leave it out.',
    );
  }
  if (encoding.startsWith('utf-16')) {
    throw new WrongFormError(
      `${quoted(text)} cannot stand in FTP commands. Write one that extends ASCII, such as windows-1252.`,
    );
  }
  return encoding;
}

function encodingNamed(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
