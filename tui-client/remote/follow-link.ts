import { type Entry, LINK_MODE } from '../files/place.ts';
import type { ControlConnection } from './connection/control-connection.ts';
import { isRefusal, quotedPathname } from './connection/reply.ts';
import type { LoggedIn } from './connection/session-link.ts';
import { statBySize } from './listing/stat-by-size.ts';

/** What an entry leads to. CWD, SIZE and MDTM follow links where MLST and listings show the link. */
export async function followRemote(
  { control, capabilities }: LoggedIn,
  path: string,
  entry: Entry,
): Promise<Entry> {
  if (!(entry.kind === 'link' || (capabilities.hasMachineListing && mayBeLink(entry))))
    return entry;
  const target = await statBySize({ control }, path);
  if (typeof target === 'string') return entry;
  const isItself = target.kind === entry.kind && target.sizeBytes === entry.sizeBytes;
  return isItself ? entry : target;
}

/** ProFTPD shows a link as a file that has the link's size and mode. */
function mayBeLink({ kind, mode = LINK_MODE }: Entry): boolean {
  return kind === 'file' && mode === LINK_MODE;
}

/** Reply of PWD in a directory; undefined if it is no absolute pathname. */
export async function workingDirectoryAt(
  control: ControlConnection,
  path: string,
): Promise<string | undefined> {
  if (isRefusal(await control.ask(`CWD ${path}`))) return undefined;
  const reply = await control.ask('PWD');
  const pathname = isRefusal(reply) ? undefined : quotedPathname(reply);
  return pathname?.startsWith('/') === true ? pathname : undefined;
}
