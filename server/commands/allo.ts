import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { ArgumentError, noSpaceFor } from '../errors/errors.ts';

/**
 * ALLO: declares the size of the next upload (RFC 959 §4.1.3). What cannot fit is refused before it is sent,
 * and an upload that ends short of it does not count as complete.
 */
export const allo: Command = {
  verb: 'ALLO',
  argument: 'required',
  isCode: true,
  syntax: 'ALLO <SP> bytes [<SP> R <SP> record-size]',
  summary: 'declare the size of the next upload',
  async handle(session, argument) {
    const [, digits] = /^(\d+)(?: +R +\d+)?$/i.exec(argument) ?? [];
    const bytes = Number(digits);
    if (digits === undefined || !Number.isSafeInteger(bytes)) {
      throw new ArgumentError('The argument is a number of bytes.');
    }
    delete session.next.needsRoom;
    session.files.access.requireUploadSize(bytes);
    const room = await roomFor(session, bytes);
    if (room === 'none') throw noSpaceFor(bytes);
    if (room === 'to be made') session.next.needsRoom = true;
    session.next.declaredBytes = bytes;
    return reply(200, 'Space is available.');
  },
};

/** Room that an upload may have. It is not known yet whether it is to go to the home or to a shared folder. */
async function roomFor(
  { files }: SessionContext,
  bytes: number,
): Promise<'there' | 'to be made' | 'none'> {
  let room: 'to be made' | 'none' = 'none';
  for (const { access, writable: storage } of files.trees) {
    // Without a look at the quota where it would show what others upload.
    if (storage === undefined || !access.seesUsage) return 'there';
    if (bytes <= (await storage.roomOnceMeasured(bytes))) return 'there';
    if (await storage.space.oldFiles.mayMakeRoom()) room = 'to be made';
  }
  return room;
}
