import { isRefusal } from '../connection/reply.ts';
import type { LoggedIn } from '../connection/session-link.ts';
import { sizeIn } from '../listing/stat-by-size.ts';
import { timeCommands } from '../set-modified.ts';
import type { TransferReceipt } from './transfer-connection.ts';

interface Sent {
  readonly path: string;
  readonly modifiedMs: number;
}

/**
 * Asks for the size of a file that was sent, and sets its time, in one round trip. Empty if the server takes one command
 * at a time, or if the connection was lost: the two can be done again.
 */
export async function sizeAndTime(
  { control, capabilities }: LoggedIn,
  { path, modifiedMs }: Sent,
): Promise<Pick<TransferReceipt, 'sizeBytes' | 'hasTime'>> {
  const [timeCommand] = timeCommands(capabilities, path, modifiedMs);
  if (!control.takesAhead || timeCommand === undefined) return {};
  try {
    control.dropUnread();
    control.send(`SIZE ${path}`, timeCommand);
    const size = await control.finalReply();
    const time = await control.finalReply();
    const sizeBytes = isRefusal(size) ? undefined : sizeIn(size);
    return { sizeBytes, hasTime: !isRefusal(time) };
  } catch (error) {
    if (control.isLost) return {};
    throw error;
  }
}
