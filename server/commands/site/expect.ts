import {
  CHECKSUM_ALGORITHMS,
  hexDigitsOf,
  isChecksumAlgorithm,
  isDigest,
} from '../../checksums/checksum-names.ts';
import type { Command } from '../../contract/command.ts';
import { reply } from '../../contract/reply.ts';
import { ArgumentError, NotPermittedError } from '../../errors/errors.ts';

/**
 * SITE EXPECT: says what the next upload will be. It is put in place only if the whole file has that digest
 * and, if one is given, that size; what has come stays as a partial otherwise.
 */
export const expect: Command = {
  verb: 'EXPECT',
  argument: 'required',
  isCode: true,
  syntax: 'SITE EXPECT <SP> algorithm <SP> digest [<SP> bytes]',
  summary: 'put the next upload in place only if it has this digest',
  features: () => ['SITE EXPECT'],
  handle(session, argument) {
    if (!session.files.mayUpload) throw new NotPermittedError('You may not upload files.');
    const [name = '', digits = '', size, ...more] = argument.split(/ +/);
    const algorithm = name.toUpperCase();
    if (!isChecksumAlgorithm(algorithm)) {
      throw new ArgumentError(`The algorithm is one of ${CHECKSUM_ALGORITHMS.join(', ')}.`);
    }
    if (!isDigest(digits, algorithm)) {
      throw new ArgumentError(
        `A digest of ${algorithm} has ${hexDigitsOf(algorithm)} hexadecimal digits.`,
      );
    }
    const sizeBytes = size === undefined ? undefined : Number(size);
    if (more.length > 0 || !/^\d*$/.test(size ?? '') || !Number.isSafeInteger(sizeBytes ?? 0)) {
      throw new ArgumentError('Syntax: SITE EXPECT <SP> algorithm <SP> digest [<SP> bytes]');
    }
    session.next.expectation = { algorithm, digest: digits.toLowerCase(), sizeBytes };
    return reply(200, 'The next upload must match this digest.');
  },
};
