import { mkdir } from 'node:fs/promises';
import type { RemoteSession } from '../remote/remote-session.ts';
import { parseTarget } from '../sites/target.ts';
import { excludesFrom } from '../transfers/excludes.ts';
import { cat } from './cat.ts';
import { UsageError } from './command-context.ts';
import { copy } from './copy.ts';
import { findPaths } from './glob-paths.ts';
import { isLocalDirectory, localPath } from './local-spot.ts';
import { type CopySource, type CopyTarget, copyRules } from './plan-copies.ts';
import type { CommandRequest } from './request.ts';
import { type RemoteSpot, type Sessions, withSessions } from './sessions.ts';

/** Downloads files and, with `--recursive`, directories; into the current directory if no target is named. */
export async function get(request: CommandRequest): Promise<number> {
  const { options } = request;
  const { sources, to } = sidesOf(request.args);
  if (to === '-') return cat({ ...request, args: sources });
  const target = await targetOf(localPath(request.context, to), to, sources.length);
  return withSessions(request, async (sessions) => {
    const spots = await spotsOf(sessions, sources);
    return copy({
      request,
      sessions,
      session: sessionOf(spots),
      rules: copyRules(options, 'download'),
      sources: spots.map((spot) => ({
        text: spot.path,
        find: () => findSources(request, spot),
      })),
      target,
      prepareTarget: async () => {
        if (target.how === 'into') await mkdir(target.path, { recursive: true });
      },
    });
  });
}

function sidesOf(args: readonly string[]): {
  readonly sources: readonly string[];
  readonly to: string;
} {
  const last = args.at(-1) ?? '';
  if (parseTarget(last).kind !== 'local') return { sources: args, to: '.' };
  if (args.length === 1) throw new UsageError(`"${last}" is no place on a server.`);
  return { sources: args.slice(0, -1), to: last };
}

async function targetOf(path: string, written: string, sources: number): Promise<CopyTarget> {
  const isInto = sources > 1 || written.endsWith('/') || (await isLocalDirectory(path));
  return { path, how: isInto ? 'into' : 'as' };
}

async function spotsOf(
  sessions: Sessions,
  sources: readonly string[],
): Promise<readonly RemoteSpot[]> {
  const spots: RemoteSpot[] = [];
  for (const text of sources) spots.push(await sessions.spot(text));
  return spots;
}

function sessionOf(spots: readonly RemoteSpot[]): RemoteSession {
  const sessions = new Set(spots.map(({ session }) => session));
  const [session, ...others] = sessions;
  if (session === undefined || others.length > 0) {
    throw new UsageError('One get downloads from one site. Say it once for each.');
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
