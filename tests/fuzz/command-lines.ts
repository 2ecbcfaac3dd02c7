import fc from 'fast-check';
import { commandTable } from '../../server/commands/command-table.ts';
import { hostileArgument, pathname, USUAL_ARGUMENTS } from './arguments.ts';

/** Ends the session or its login, and would end most scenarios early. */
const RARE = new Set(['QUIT', 'REIN', 'USER', 'PASS']);

const VERBS = [...commandTable.keys()];
const COMMON_VERBS = VERBS.filter((verb) => !RARE.has(verb));
/** Those that change files, or move them, are where things can go wrong. */
const FILE_VERBS = 'RETR STOR STOU APPE REST LIST MLSD NLST DELE MKD RMD RNFR RNTO CWD ABOR'.split(
  ' ',
);

const verb = fc.oneof(
  { arbitrary: fc.constantFrom(...FILE_VERBS), weight: 6 },
  { arbitrary: fc.constantFrom(...COMMON_VERBS), weight: 6 },
  { arbitrary: fc.constantFrom(...VERBS), weight: 1 },
);

/** A verb as it is, in other letters, or nearly. */
const spelledVerb = fc.oneof(
  { arbitrary: verb, weight: 12 },
  { arbitrary: verb.map((text) => text.toLowerCase()), weight: 2 },
  { arbitrary: verb.map((text) => text.slice(1)), weight: 1 },
  { arbitrary: verb.map((text) => `${text}\0`), weight: 1 },
  { arbitrary: verb.map((text) => ` ${text}`), weight: 1 },
  {
    arbitrary: fc.constantFrom('', 'GET', 'XXXX', '\u00ff\u00f4\u00ff\u00f2ABOR', '%n'),
    weight: 1,
  },
);

const lineEnd = fc.oneof(
  { arbitrary: fc.constant('\r\n'), weight: 20 },
  { arbitrary: fc.constantFrom('\n', '\r\r\n', '\r\n\r\n', '\n\r\n'), weight: 1 },
);

/** A command line of any verb that the server knows: what clients mean, nearly that, or an attack. */
export const commandLine: fc.Arbitrary<Uint8Array> = spelledVerb.chain((text) => {
  const usual = USUAL_ARGUMENTS[text.toUpperCase()] ?? pathname;
  const argument = fc.oneof(
    { arbitrary: usual.map((one) => Buffer.from(one)), weight: 8 },
    { arbitrary: fc.constant(undefined), weight: 2 },
    { arbitrary: hostileArgument, weight: 2 },
  );
  return fc.tuple(argument, lineEnd).map(([octets, end]) => lineOf(text, octets, end));
});

function lineOf(text: string, argument: Uint8Array | undefined, end: string): Uint8Array {
  const parts = [Buffer.from(text, 'latin1')];
  if (argument !== undefined) parts.push(Buffer.from(' '), Buffer.from(argument));
  return Buffer.concat([...parts, Buffer.from(end)]);
}

/** Octets that mean nothing, with line ends, Telnet commands and NULs more often than by chance. */
export const randomOctets: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { arbitrary: fc.uint8Array({ maxLength: 60 }), weight: 3 },
      {
        arbitrary: fc.constantFrom('\r\n', '\n', '\r', '\0', ' ', '\u00ff').map(latin1),
        weight: 3,
      },
      { arbitrary: fc.constantFrom(4094, 4095, 4096, 5000, 33_000).map(longRun), weight: 1 },
      { arbitrary: commandLine, weight: 1 },
    ),
    { maxLength: 20 },
  )
  .map((parts) => Buffer.concat(parts));

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function longRun(octets: number): Uint8Array {
  return Buffer.alloc(octets, 'x');
}
