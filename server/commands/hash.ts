import { CHECKSUM_ALGORITHMS } from '../checksums/checksum-names.ts';
import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { fileChecksum } from '../transfer/file-checksum.ts';

/** HASH: a checksum of a file, or of the range that RANG has set (draft-bryan-ftpext-hash §3). */
export const hash: Command = {
  verb: 'HASH',
  argument: 'required',
  syntax: 'HASH <SP> pathname',
  summary: 'compute the checksum that OPTS HASH has chosen',
  features: ({ parameters: { hashAlgorithm } }) => [
    `HASH ${CHECKSUM_ALGORITHMS.map((name) => (name === hashAlgorithm ? `${name}*` : name)).join(';')}`,
  ],
  async handle(session, pathname) {
    const { hashAlgorithm: algorithm } = session.parameters;
    const { range } = session.next;
    delete session.next.range;
    const request = { pathname, algorithm };
    const { digest, path, startBytes, endBytes } = await fileChecksum(session, {
      ...request,
      ...(range && { startBytes: range.firstBytes, endBytes: range.lastBytes + 1 }),
    });
    const last = Math.max(startBytes, endBytes - 1);
    return reply(213, `${algorithm} ${startBytes}-${last} ${digest} ${path}`);
  },
};
