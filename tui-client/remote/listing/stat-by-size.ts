import { type Entry, lastName } from '../../files/place.ts';
import { isRefusal, type Reply } from '../connection/reply.ts';
import type { LoggedIn } from '../connection/session-link.ts';
import { failureForReply } from '../remote-failure.ts';
import { parseMachineTime } from './machine-time.ts';

/** `missing` if the server says that there is no such file. */
export type NotFound = 'missing' | 'unknown';

/** A file or a directory. Some servers answer SIZE for directories, too. */
export async function statBySize(
  { control }: Pick<LoggedIn, 'control'>,
  path: string,
): Promise<Entry | NotFound> {
  const nothingElse = { modifiedMs: undefined, mode: undefined };
  const name = lastName(path);
  const entered = await control.ask(`CWD ${path}`);
  if (!isRefusal(entered)) {
    return { ...nothingElse, name, kind: 'directory', sizeBytes: undefined };
  }
  const size = await control.ask(`SIZE ${path}`);
  const sizeBytes = sizeIn(size);
  if (isRefusal(size)) return failureForReply(size).kind === 'missing' ? 'missing' : 'unknown';
  if (sizeBytes === undefined) return 'unknown';
  const modified = await control.ask(`MDTM ${path}`);
  const modifiedMs = isRefusal(modified) ? undefined : parseMachineTime(modified.text.slice(4));
  return { ...nothingElse, name, kind: 'file', sizeBytes, modifiedMs };
}

/** In a reply to SIZE. */
export function sizeIn({ text }: Reply): number | undefined {
  const sizeBytes = Number(/^\d{3} (\d+)/.exec(text)?.[1]);
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}
