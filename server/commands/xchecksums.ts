import { type ChecksumReading, checksumReadings } from '../checksums/checksum-argument.ts';
import type { ChecksumAlgorithm } from '../checksums/checksum-names.ts';
import type { Command } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { fileChecksum } from '../transfer/file-checksum.ts';

const xmd5 = checksumCommand('XMD5', 'MD5');

/** XMD5, XSHA1, XSHA256, XSHA512 and XCRC: one checksum each, of a file or of a range of it. */
export const xchecksums: readonly Command[] = [
  xmd5,
  checksumCommand('XSHA1', 'SHA-1'),
  checksumCommand('XSHA256', 'SHA-256'),
  checksumCommand('XSHA512', 'SHA-512'),
  checksumCommand('XCRC', 'CRC32'),
];

/** XMD5 as a SITE command; FEAT names it once. */
export const siteXmd5: Command = { ...xmd5, syntax: `SITE ${xmd5.syntax}`, features: () => [] };

/** The range is given in octets: its start, and the first octet that does not belong to it. */
function checksumCommand(verb: string, algorithm: ChecksumAlgorithm): Command {
  return {
    verb,
    argument: 'required',
    syntax: `${verb} <SP> pathname [<SP> start [<SP> end]]`,
    summary: `compute the ${algorithm} checksum of a file`,
    features: () => [verb],
    handle: (session, argument) => answer(session, argument, algorithm),
  };
}

async function answer(
  session: SessionContext,
  argument: string,
  algorithm: ChecksumAlgorithm,
): Promise<Reply> {
  const reading = await readingOfFile(session, checksumReadings(argument));
  const { digest } = await fileChecksum(session, { ...reading, algorithm });
  return reply(250, algorithm === 'CRC32' ? digest.toUpperCase() : digest);
}

/** Numbers at the end may belong to the name: what is meant is the first reading that names a file. */
async function readingOfFile(
  session: SessionContext,
  readings: readonly [ChecksumReading, ...ChecksumReading[]],
): Promise<ChecksumReading> {
  for (const reading of readings) {
    const exists = await session.files.get(reading.pathname, 'read').then(
      () => true,
      () => false,
    );
    if (exists) return reading;
  }
  return readings[0];
}
