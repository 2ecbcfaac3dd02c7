import { ArgumentError } from '../errors/errors.ts';

/** A possible reading of the argument of XMD5 and similar commands. */
export interface ChecksumReading {
  readonly pathname: string;
  readonly startBytes?: number;
  /** Offset of the first octet that does not count. */
  readonly endBytes?: number;
}

type Readings = readonly [ChecksumReading, ...ChecksumReading[]];

/**
 * Reads `pathname [start [end]]`. A pathname in quotes has one reading (quotes inside it are doubled);
 * without them, numbers at the end may be the range or part of the name: then there are several, the
 * longest name first.
 *
 * @throws ArgumentError if something else follows a quoted pathname, or a number is out of range.
 */
export function checksumReadings(argument: string): Readings {
  if (argument.startsWith('"')) return [quotedReading(argument)];
  const [, oneBefore, onlyStart] = /^(.+) (\d+) *$/.exec(argument) ?? [];
  const [, bothBefore, start, end] = /^(.+) (\d+) +(\d+) *$/.exec(argument) ?? [];
  const whole = { pathname: argument };
  return [
    whole,
    ...(oneBefore && onlyStart ? [withRange(oneBefore, onlyStart)] : []),
    ...(bothBefore && start && end ? [withRange(bothBefore, start, end)] : []),
  ];
}

function quotedReading(argument: string): ChecksumReading {
  const [, quoted, start, end] =
    /^"((?:[^"]|"")+)"(?: +(\d+)(?: +(\d+))?)?\s*$/.exec(argument) ?? [];
  if (quoted === undefined) throw new ArgumentError('The argument is "pathname" [start [end]].');
  return withRange(quoted.replaceAll('""', '"'), start, end);
}

function withRange(pathname: string, start?: string, end?: string): ChecksumReading {
  const [startBytes, endBytes] = [start, end].map((digits) => digits && Number(digits));
  if (!Number.isSafeInteger(startBytes || 0) || !Number.isSafeInteger(endBytes || 0)) {
    throw new ArgumentError('The range is too large.');
  }
  return {
    pathname,
    ...(typeof startBytes === 'number' && { startBytes }),
    ...(typeof endBytes === 'number' && { endBytes }),
  };
}
