import { octalMode } from '../files/mode-change.ts';
import { isRefusal } from './connection/reply.ts';
import type { LoggedIn } from './connection/session-link.ts';
import { failureForReply } from './remote-failure.ts';

/** 202, 500, 501, 502 and 504: the server does not know the command. */
const UNSUPPORTED = new Set([202, 500, 501, 502, 504]);

/**
 * Changes the permission bits with SITE CHMOD, which most servers have and no RFC describes.
 *
 * @returns false if the server cannot.
 */
export async function setMode({ control }: LoggedIn, path: string, mode: number): Promise<boolean> {
  const reply = await control.ask(`SITE CHMOD ${octalMode(mode)} ${path}`);
  if (UNSUPPORTED.has(reply.code)) return false;
  if (isRefusal(reply)) throw failureForReply(reply, `Could not change the mode of ${path}`);
  return true;
}
