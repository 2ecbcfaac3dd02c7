import { isUtf8 } from 'node:buffer';
import type { TextDecoder } from 'node:util';
import { ArgumentError } from '../errors/errors.ts';

/** A command as it was sent: the verb in capitals and what follows the first space, untouched. */
export interface CommandLine {
  readonly verb: string;
  readonly argument: string | undefined;
}

/** Decoding of octets that are not UTF-8 (RFC 2640 requires UTF-8). */
export interface LineDecoding {
  readonly fallback: TextDecoder | undefined;
}

const SPACE = 0x20;

/**
 * Reads the verb of a line. It needs no decoding, so that a command is known even if its argument
 * cannot be read.
 */
export function verbOf(line: Buffer): string {
  const end = line.indexOf(SPACE);
  return line.toString('latin1', 0, end === -1 ? line.length : end).toUpperCase();
}

/**
 * Reads a command line.
 *
 * @throws ArgumentError if the argument holds NUL or CR, or is not valid UTF-8 and no fallback is set.
 */
export function parseCommandLine(line: Buffer, decoding: LineDecoding): CommandLine {
  const verb = verbOf(line);
  if (line.length <= verb.length) return { verb, argument: undefined };
  const octets = line.subarray(verb.length + 1);
  if (octets.includes(0) || octets.includes(0x0d)) {
    throw new ArgumentError('The argument contains a NUL or CR.');
  }
  return { verb, argument: decode(octets, decoding) };
}

function decode(octets: Buffer, { fallback }: LineDecoding): string {
  if (isUtf8(octets)) return octets.toString();
  if (fallback === undefined) throw new ArgumentError('The argument is not valid UTF-8.');
  return fallback.decode(octets);
}
