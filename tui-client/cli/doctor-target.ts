import { isIPv6 } from 'node:net';
import { Bookmarks } from '../sites/bookmarks.ts';
import { clientPaths } from '../sites/client-paths.ts';
import type { CommandContext } from './command-context.ts';

/** `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`. */
const HOST_FORM = /^(\[[^\]]+\]|[^:/[\]]+)(:\d+)?$/;

/** What to examine as a place: a bookmark goes before a host of the same name. */
export async function doctorTarget(
  text: string,
  environment: CommandContext['environment'],
): Promise<string> {
  if (text.includes('://')) return text;
  const name = text.replace(/:$/, '');
  const bookmarks = new Bookmarks(clientPaths(environment));
  if ((await bookmarks.find(name)) !== undefined) return `${name}:`;
  if (isIPv6(text)) return `ftp://[${text}]/`;
  return HOST_FORM.test(name) ? `ftp://${name}/` : text;
}
