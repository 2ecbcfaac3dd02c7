import { Bookmarks } from '../sites/bookmarks.ts';
import { clientPaths } from '../sites/client-paths.ts';
import { parseTarget } from '../sites/target.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { type ListedName, ListingCache } from './listing-cache.ts';
import type { CommandRequest } from './request.ts';
import { withSessions } from './sessions.ts';

/** A shell whose user waits for an answer. */
const MAX_WAIT_MS = 4000;

/**
 * Prints the words that begin with the given one, a line each, for the completion of shells: sites for `sites`, also
 * paths on the server for `places`. It never asks for anything and is quiet when something fails.
 */
export async function completeWord(request: CommandRequest): Promise<number> {
  const [kind = '', word = ''] = request.args;
  const words = await candidates(request, kind, word).catch(() => []);
  const shown = words.filter((one) => one.startsWith(word) && !/[\r\n]/.test(one));
  request.context.stdout.write(shown.map((one) => `${one}\n`).join(''));
  return EXIT_CODES.done;
}

async function candidates(
  request: CommandRequest,
  kind: string,
  word: string,
): Promise<readonly string[]> {
  const target = parseTarget(word);
  if (kind === 'places' && target.kind !== 'local') return remotePaths(request, word);
  const sites = await new Bookmarks(clientPaths(request.context.environment)).list();
  return sites.map(({ id }) => (kind === 'places' ? `${id}:` : id));
}

async function remotePaths(request: CommandRequest, word: string): Promise<readonly string[]> {
  const isUrl = word.includes('://');
  // A host that is not complete yet.
  if (isUrl && !/:\/\/[^/]+\//.test(word)) return [];
  const directory = word.slice(0, Math.max(word.lastIndexOf('/'), word.indexOf(':')) + 1);
  const cache = new ListingCache(clientPaths(request.context.environment).cacheDirectory);
  const names = await cache.names(directory, () => list(request, directory));
  const isDotWanted = word.startsWith('.', directory.length);
  return names
    .filter(({ name }) => isDotWanted || !name.startsWith('.'))
    .map(({ name, isDirectory }) => {
      const written = isUrl ? encodeURIComponent(name) : name;
      return `${directory}${written}${isDirectory ? '/' : ''}`;
    });
}

async function list(request: CommandRequest, directory: string): Promise<readonly ListedName[]> {
  const stop = AbortSignal.any([request.stop, AbortSignal.timeout(MAX_WAIT_MS)]);
  const { context } = request;
  // Without a terminal nothing can be asked.
  const stdin = Object.create(context.stdin, { isTTY: { value: false } });
  const quiet = { ...request, stop, context: { ...context, stdin } };
  return withSessions(quiet, async (sessions) => {
    const { session, path } = await sessions.spot(directory);
    const names: ListedName[] = [];
    for await (const batch of session.place.list(path, stop)) {
      for (const { name, kind } of batch) names.push({ name, isDirectory: kind === 'directory' });
    }
    return names.sort((one, other) => (one.name < other.name ? -1 : 1));
  });
}
