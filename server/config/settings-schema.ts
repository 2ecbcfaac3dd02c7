import { isIPv4, isIPv6 } from 'node:net';
import * as v from 'valibot';
import { parsePublicHosts } from './public-host.ts';
import { parseQuota } from './quota-size.ts';
import { parseDuration } from './units.ts';
import { WrongFormError } from './wrong-form.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LONGEST_RETENTION_MS = 36_500 * 86_400_000;
const LONGEST_KEEPING_MS = 3650 * 86_400_000;
const SHORTEST_RECOUNT_INTERVAL_MS = 60_000;
const LOWEST_PASV_PORT = 1024;
const HIGHEST_PORT = 65_535;
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?$/i;

const SYSTEM_NAME = /^(?:\d{1,9}|[a-z_][a-z0-9_.@-]{0,63}\$?)$/i;

const TLS_MODES = ['off', 'optional', 'required'] as const;
const SESSION_REUSE_MODES = ['off', 'prefer', 'require'] as const;
const SIGNUP_MODES = ['open', 'invite', 'off'] as const;
const UPLOAD_HASHING_MODES = ['auto', 'on', 'off'] as const;
const FSYNC_MODES = ['off', 'on'] as const;
const CUT_UPLOAD_MODES = ['keep', 'publish'] as const;
const ALLO_MODES = ['strict', 'hint'] as const;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The words of the settings that take one of a few. */
export const settingChoices: Readonly<Record<string, readonly string[]>> = {
  tls: TLS_MODES,
  'tls-session-reuse': SESSION_REUSE_MODES,
  signup: SIGNUP_MODES,
  'hash-uploads': UPLOAD_HASHING_MODES,
  fsync: FSYNC_MODES,
  'log-level': LOG_LEVELS,
};

/**
 * Every setting from the text in which it is written to its value, with its default.
 *
 * Settings without a default here are either off or follow from others (see `config.ts`). The issues'
 * messages are sentences to be put behind the setting's name.
 */
export const settingsSchema = v.object({
  host: v.optional(parsed(parseHost), '127.0.0.1'),
  port: v.optional(
    parsed(
      wholeNumber({
        what: 'a port',
        least: 0,
        most: HIGHEST_PORT,
        example: '2121 (0 lets the system choose)',
      }),
    ),
    '2121',
  ),
  'pasv-range': v.optional(parsed(parsePortRange)),
  'public-host': v.optional(parsed((text) => parsePublicHosts(text, { isHostName }))),

  tls: v.optional(parsed(oneOf(TLS_MODES)), 'optional'),
  'tls-cert': v.optional(parsed(pathOf('file'))),
  'tls-key': v.optional(parsed(pathOf('file'))),
  'tls-session-reuse': v.optional(parsed(oneOf(SESSION_REUSE_MODES)), 'prefer'),
  'implicit-port': v.optional(
    parsed(
      wholeNumber({
        what: 'a port',
        least: 0,
        most: HIGHEST_PORT,
        example: '990 (0 lets the system choose)',
      }),
    ),
  ),

  data: v.optional(parsed(pathOf('directory')), './myftp-data'),
  root: v.optional(parsed(pathOf('directory'))),
  'keep-partials': v.optional(parsed(parseKeeping), '24h'),
  'cut-uploads': v.optional(parsed(oneOf(CUT_UPLOAD_MODES)), 'keep'),
  allo: v.optional(parsed(oneOf(ALLO_MODES)), 'strict'),
  'recount-every': v.optional(parsed(parseRecountInterval), '7d'),
  fsync: v.optional(parsed(oneOf(FSYNC_MODES)), 'off'),
  'fallback-encoding': v.optional(parsed(parseEncoding)),
  'hash-uploads': v.optional(parsed(oneOf(UPLOAD_HASHING_MODES)), 'auto'),

  'max-sessions': v.optional(
    parsed(
      wholeNumber({ what: 'a number of sessions', least: 1, most: 1_000_000, example: '1000' }),
    ),
    '1000',
  ),
  'max-per-ip': v.optional(
    parsed(
      wholeNumber({
        what: 'a number of sessions',
        least: 0,
        most: 1_000_000,
        example: '100 (0 sets no limit)',
      }),
    ),
    '100',
  ),
  'max-per-user': v.optional(
    parsed(
      wholeNumber({
        what: 'a number of sessions',
        least: 0,
        most: 1_000_000,
        example: '100 (0 sets no limit)',
      }),
    ),
    '100',
  ),
  'login-timeout': v.optional(parsed(duration({ leastMs: 1000 })), '60s'),
  'idle-timeout': v.optional(parsed(duration({ leastMs: 1000 })), '5m'),
  grace: v.optional(parsed(duration({ leastMs: 0 })), '10s'),

  signup: v.optional(parsed(oneOf(SIGNUP_MODES))),
  'max-accounts': v.optional(
    parsed(
      wholeNumber({
        what: 'a number of accounts',
        least: 0,
        most: 1_000_000_000,
        example: '10000 (0 sets no limit)',
      }),
    ),
    '10000',
  ),
  'signups-per-hour': v.optional(
    parsed(
      wholeNumber({
        what: 'a number of sign-ups',
        least: 0,
        most: 1_000_000,
        example: '20 (0 sets no limit)',
      }),
    ),
    '20',
  ),
  quota: v.optional(parsed(parseQuota), '1GiB'),
  'max-files': v.optional(parsed(parseMaxFiles), '1000000'),
  anonymous: v.optional(parsed(pathOf('directory'))),

  user: v.optional(parsed(parseUser)),
  group: v.optional(parsed(parseGroup)),

  'audit-keep': v.optional(parsed(parseRetention), '90d'),
  'log-dir': v.optional(parsed(pathOf('directory'))),
  'log-level': v.optional(parsed(oneOf(LOG_LEVELS)), 'info'),
});

export type SettingValues = v.InferOutput<typeof settingsSchema>;
export type SettingName = keyof SettingValues;

function parsed<Value>(parse: (text: string) => Value) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, Value>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (error) {
        if (!(error instanceof WrongFormError)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );
}

function wholeNumber(rule: { what: string; least: number; most: number; example: string }) {
  return (text: string): number => {
    const number = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (number >= rule.least && number <= rule.most) return number;
    throw new WrongFormError(
      `${quoted(text)} is not ${rule.what}. Write a whole number from ${rule.least} to ${rule.most}, such as ${rule.example}.`,
    );
  };
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

function duration({ leastMs }: { leastMs: number }) {
  return (text: string): number => {
    const ms = parseDuration(text);
    if (ms < leastMs) throw new WrongFormError(`${quoted(text)} is too short. Write 1s or more.`);
    if (ms > LONGEST_TIMER_MS)
      throw new WrongFormError(`${quoted(text)} is too long. Write 24d or less.`);
    return ms;
  };
}

/** No timer runs as long, so it may be years; `off` and 0 are one. */
function parseRetention(text: string): number {
  const ms = text.trim().toLowerCase() === 'off' ? 0 : parseDuration(text);
  if (ms <= LONGEST_RETENTION_MS && (ms === 0 || ms >= 1000)) return ms;
  throw new WrongFormError(
    `${quoted(text)} is not a time to keep anything. Write one from 1s to 36500d, such as 90d, or off.`,
  );
}

/** No timer runs as long; `forever` and 0 are one. */
function parseKeeping(text: string): number {
  const ms = text.trim().toLowerCase() === 'forever' ? 0 : parseDuration(text);
  if (ms <= LONGEST_KEEPING_MS && (ms === 0 || ms >= 1000)) return ms;
  throw new WrongFormError(
    `${quoted(text)} is not a time to keep partial uploads. Write one from 1s to 3650d, such as 24h, or forever.`,
  );
}

/** No timer runs as long; `off` and 0 are one. */
function parseRecountInterval(text: string): number {
  const ms = text.trim().toLowerCase() === 'off' ? 0 : parseDuration(text);
  if (ms <= LONGEST_KEEPING_MS && (ms === 0 || ms >= SHORTEST_RECOUNT_INTERVAL_MS)) return ms;
  throw new WrongFormError(
    `${quoted(text)} is not a time between recounts. Write one from 1m to 3650d, such as 7d, or off.`,
  );
}

function oneOf<const Words extends readonly string[]>(words: Words) {
  return (text: string): Words[number] => {
    const word = words.find((one) => one === text.trim().toLowerCase());
    if (word !== undefined) return word;
    throw new WrongFormError(
      `${quoted(text)} is not one of its values. Write ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`,
    );
  };
}

function parseHost(text: string): string {
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

/** Resolvers read `1.2.3` and `300.1.1.1` in ways that nobody means. */
function looksLikeIPv4(host: string): boolean {
  return /^[\d.]+$/.test(host);
}

function isHostName(text: string): boolean {
  return HOST_NAME.test(text) && !looksLikeIPv4(text);
}

function parsePortRange(text: string): { readonly first: number; readonly last: number } {
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
  if (first < LOWEST_PASV_PORT || last > HIGHEST_PORT) {
    throw new WrongFormError(
      `${quoted(text)} leaves the usable ports. Write a range within ${LOWEST_PASV_PORT}-${HIGHEST_PORT}, such as 50000-50100.`,
    );
  }
  return { first, last };
}

/** One port serves one data connection per address at a time, which is seldom meant. */
function onePort(text: string, port: number): string {
  const isUsable = port >= LOWEST_PASV_PORT && port <= HIGHEST_PORT - 100;
  const example = isUsable ? `${port}-${port + 100}` : '50000-50100';
  return `${quoted(text)} is one port. Write first-last, such as ${example}, with a port for each transfer that an address runs at a time.`;
}

function pathOf(kind: 'directory' | 'file') {
  return (text: string): string => {
    if (text.trim() === '') throw new WrongFormError(`it is empty. Write the path of a ${kind}.`);
    if (text.includes('\0'))
      throw new WrongFormError(`${quoted(text)} holds a NUL, which no path can.`);
    return text;
  };
}

/** Only its form: who looks it up is the start, as commands do not need it. */
function parseUser(text: string): string {
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

function parseGroup(text: string): string {
  const group = text.trim();
  if (SYSTEM_NAME.test(group)) return group;
  throw new WrongFormError(
    `${quoted(text)} is not the name or number of a group. Write one such as myftp or 1000.`,
  );
}

function parseEncoding(text: string): string {
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
