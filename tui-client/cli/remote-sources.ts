import type { RemoteSession } from '../remote/remote-session.ts';
import { excludesFrom } from '../transfers/excludes.ts';
import { UsageError } from './command-context.ts';
import type { WrittenSource } from './copy.ts';
import { findPaths } from './glob-paths.ts';
import type { CopySource } from './plan-copies.ts';
import type { CommandRequest } from './request.ts';
import type { RemoteSpot, Sessions } from './sessions.ts';

/** What is copied from a server. */
export interface RemoteSources {
  readonly session: RemoteSession;
  readonly sources: readonly WrittenSource[];
}

/** Logs in where the places lead, which has to be one server. */
export async function remoteSources(
  request: CommandRequest,
  sessions: Sessions,
  places: readonly string[],
): Promise<RemoteSources> {
  const spots: RemoteSpot[] = [];
  for (const text of places) spots.push(await sessions.spot(text));
  const sources = spots.map((spot) => ({
    text: spot.path,
    find: () => findSources(request, spot),
  }));
  return { session: sessionOf(spots), sources };
}

function sessionOf(spots: readonly RemoteSpot[]): RemoteSession {
  const sessions = new Set(spots.map(({ session }) => session));
  const [session, ...others] = sessions;
  if (session === undefined || others.length > 0) {
    throw new UsageError('All sources must be on one site. Run the command once for each site.');
  }
  return session;
}

async function findSources(
  { options, stop }: CommandRequest,
  { session, path, written }: RemoteSpot,
): Promise<readonly CopySource[]> {
  const isExcluded = excludesFrom(options.exclude ?? []);
  const found = await findPaths(session.place, path, { links: 'follow', signal: stop });
  return found
    .filter(({ entry: { name, kind } }) => !isExcluded(name, kind === 'directory' ? kind : 'file'))
    .map((source) => ({ ...source, meansContents: written.endsWith('/') }));
}
