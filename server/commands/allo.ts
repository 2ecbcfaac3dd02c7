import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
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
    const { access, writable: storage } = session.files;
    delete session.next.needsRoom;
    access.requireUploadSize(bytes);
    // Without a look at the quota where it would show what others upload.
    if (
      storage !== undefined &&
      access.seesUsage &&
      bytes > (await storage.roomOnceMeasured(bytes))
    ) {
      if (!(await storage.space.oldFiles.mayMakeRoom())) throw noSpaceFor(bytes);
      session.next.needsRoom = true;
    }
    session.next.declaredBytes = bytes;
    return reply(200, 'Space is available.');
  },
};
