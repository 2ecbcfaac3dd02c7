import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { FileUnavailableError, NotPermittedError } from '../errors/errors.ts';
import { machineTime, parseMachineTime } from '../listing/machine-time.ts';

/**
 * MDTM: when a file was last changed (RFC 3659 §3). Some clients set the time with `MDTM time pathname`;
 * that is understood unless a file has such a name.
 */
export const mdtm: Command = {
  verb: 'MDTM',
  argument: 'required',
  syntax: 'MDTM <SP> pathname',
  summary: 'tell when a file was changed',
  features: () => ['MDTM'],
  async handle(session, argument) {
    try {
      return await modificationTime(session, argument);
    } catch (error) {
      const [, time = '', pathname = ''] = /^(\d{14}) (.+)$/.exec(argument) ?? [];
      const modifiedMs = parseMachineTime(time);
      const isReadable = !isUnavailable(error);
      if (modifiedMs === undefined || isReadable) throw error;
      await session.files.setModificationTime(pathname, modifiedMs);
      return reply(213, machineTime(modifiedMs));
    }
  },
};

function isUnavailable(error: unknown): boolean {
  return error instanceof FileUnavailableError || error instanceof NotPermittedError;
}

async function modificationTime(session: SessionContext, pathname: string) {
  const { modifiedMs } = await session.files.get(pathname, 'read');
  return reply(213, machineTime(modifiedMs));
}
