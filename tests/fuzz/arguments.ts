import fc from 'fast-check';
import { commandTable } from '../../server/commands/command-table.ts';

/** Few names, so that commands meet the files that others have made. `link` is one to `d`. */
const NAMES = [
  'a',
  'b',
  'd',
  'd/a',
  'd/e',
  'd/e/f',
  'link',
  'link/a',
  '/',
  '..',
  '../a',
  '/d/../b',
  '.',
] as const;

const HOSTILE_TEXTS = [
  '../../../../etc/passwd',
  '../.myftp-staging',
  '/../../canary',
  'a\0b',
  'a\rb',
  ' ',
  '  a',
  'a ',
  '"a"',
  '"a" 0 1',
  '""',
  "'",
  '`id`',
  '$(id)',
  '%s%n%d%x',
  '%00',
  '%2e%2e%2f',
  '\\..\\a',
  '-la',
  '-1aRt d',
  '-a -- d',
  '*',
  '[',
  'd/*',
  '?[!a]**',
  '~',
  '~root',
  '\u001b[2J',
  '\u0007\u0008\u007f',
  '\u202e\u2066\ufeff',
  'e\u0301 \u00e9',
  '\u{1f600}'.repeat(40),
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(4000),
  'x'.repeat(5000),
  'd/'.repeat(1500),
  '../'.repeat(1300),
  '0',
  '-1',
  '1e9',
  '0x10',
  '9007199254740991',
  '9007199254740992',
  '18446744073709551616',
  '99999999999999999999999999',
  'NaN',
  '1,2,3',
] as const;

const HOSTILE_OCTETS: readonly Uint8Array[] = [
  Uint8Array.of(0xff),
  Uint8Array.of(0xff, 0xf4, 0xff, 0xf2),
  Uint8Array.of(0xff, 0xff),
  Uint8Array.of(0x61, 0xff, 0xfd, 0x01, 0x62),
  Uint8Array.of(0xc3, 0x28),
  Uint8Array.of(0xc0, 0xaf),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0x80),
  Uint8Array.of(0xf8, 0x88, 0x80, 0x80, 0x80),
];

const sizes = fc.oneof(
  fc.constantFrom('0', '1', '2', '100', '65536', '1048576', '9007199254740991'),
  fc.nat().map(String),
);
const name = fc.constantFrom(...NAMES);
const time = fc.constantFrom(
  '20200101000000',
  '19700101000000',
  '00010101000000',
  '99991231235959',
  '20200230000000',
  '20240229235960',
  '20200101000000.123',
  '2020',
);

const join = (...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => texts.join(' '));

const SITE_VERBS = [...(commandTable.get('SITE')?.subcommands?.keys() ?? [])];

/** What each verb's argument looks like when a client means it. Verbs that are not here take a pathname. */
export const USUAL_ARGUMENTS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  USER: fc.constantFrom('fuzz', 'nobody', 'anonymous'),
  PASS: fc.constantFrom('correct horse', 'wrong'),
  ACCT: fc.constant('x'),
  HOST: fc.constantFrom('localhost', '[::1]', '127.0.0.1', ''),
  CLNT: fc.constant('fuzzer'),
  PORT: fc.constantFrom('127,0,0,1,0,22', '10,0,0,1,200,1', '127,0,0,1,256,1', '1,2,3,4,5'),
  EPRT: fc.constantFrom('|1|127.0.0.1|22|', '|2|::1|5000|', '|3|x|1|', '||||', '|1|10.0.0.1|9999|'),
  EPSV: fc.constantFrom('', '1', '2', '3', '99999999999', 'ALL'),
  TYPE: fc.constantFrom('A', 'I', 'L 8', 'L 7', 'E', 'A N', 'A T', 'X'),
  STRU: fc.constantFrom('F', 'R', 'P', 'X'),
  MODE: fc.constantFrom('S', 'B', 'C', 'Z'),
  ALLO: fc.oneof(sizes, join(sizes, fc.constant('R'), sizes)),
  REST: sizes,
  RANG: fc.oneof(join(sizes, sizes), fc.constant('1 0')),
  MFMT: join(time, name),
  MDTM: fc.oneof(name, join(time, name)),
  OPTS: fc.constantFrom(
    'UTF8 ON',
    'UTF8 OFF',
    'MLST type;size;',
    'MLST',
    'HASH',
    'HASH MD5',
    'HASH X',
    'X',
  ),
  XMD5: fc.oneof(name, join(name, sizes), join(name, sizes, sizes)),
  XCRC: fc.oneof(name, join(name, sizes, sizes)),
  LIST: fc.oneof(name, fc.constantFrom('', '-la', '*', 'd/*')),
  NLST: fc.oneof(name, fc.constantFrom('', '*', 'd/*')),
  STAT: fc.oneof(name, fc.constantFrom('', '*')),
  STOU: fc.oneof(name, fc.constant('')),
  SITE: fc.oneof(
    fc.constantFrom(...SITE_VERBS, 'X', '', 'quota x'),
    join(fc.constant('CHMOD'), fc.constantFrom('644', '755', '0600', '8', '77777'), name),
    join(fc.constant('UMASK'), fc.constantFrom('', '027', '8', '777')),
    join(fc.constant('UTIME'), time, name),
    join(fc.constant('XMD5'), name),
    join(fc.constant('SIGNUP'), fc.constantFrom('..', 'x', 'fuzz', 'a b', '-x', 'A'.repeat(99))),
  ),
  HELP: fc.constantFrom('', 'STOR', 'SITE', 'NOPE'),
};

export const pathname: fc.Arbitrary<string> = name;

/** Arguments that no verb is meant to get. */
export const hostileArgument: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS).map((text) => Buffer.from(text)),
  fc.constantFrom(...HOSTILE_OCTETS),
  fc.uint8Array({ maxLength: 40 }).map((octets) => octets.filter((octet) => octet !== 0x0a)),
  fc
    .string({ unit: 'binary', maxLength: 20 })
    .map((text) => Buffer.from(text.replaceAll('\n', ''))),
);
