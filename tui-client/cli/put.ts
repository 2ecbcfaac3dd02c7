import { Failure } from '../errors/failure.ts';
import type { Place } from '../files/place.ts';
import { LocalPlace } from '../local/local-place.ts';
import { parseTarget } from '../sites/target.ts';
import { excludesFrom } from '../transfers/excludes.ts';
import { findTarget } from '../transfers/find-target.ts';
import { UsageError } from './command-context.ts';
import { copy } from './copy.ts';
import { findPaths } from './glob-paths.ts';
import { localPath } from './local-spot.ts';
import { type CopySource, type CopyTarget, copyRules } from './plan-copies.ts';
import { putStdin } from './put-stdin.ts';
import { type RemoteSources, remoteSources } from './remote-sources.ts';
import type { CommandRequest } from './request.ts';
import { type RemoteSpot, type Sessions, withSessions } from './sessions.ts';

/** Uploads files and, with `--recursive`, directories; also from another server. */
export function put(request: CommandRequest): Promise<number> {
  const { args, options } = request;
  const sources = args.slice(0, -1);
  const to = args.at(-1) ?? '';
  if (sources.length === 0) throw new UsageError('Missing source or target: give both.');
  if (sources.includes('-') && sources.length > 1) {
    throw new UsageError('Standard input cannot be combined with other sources.');
  }
  return withSessions(request, async (sessions) => {
    if (sources[0] === '-') return putStdin(request, sessions, to);
    const from = await sourcesOf(request, sessions, sources);
    const spot = await sessions.spot(to);
    const target = await targetOf(spot, sources.length);
    return copy({
      request,
      sessions,
      session: spot.session,
      source: from.session,
      rules: copyRules(options, 'upload'),
      sources: from.sources,
      target,
      prepareTarget: () => makeTarget(spot.session.place, target),
    });
  });
}

async function sourcesOf(
  request: CommandRequest,
  sessions: Sessions,
  sources: readonly string[],
): Promise<Partial<RemoteSources> & Pick<RemoteSources, 'sources'>> {
  const remote = sources.filter((text) => parseTarget(text).kind !== 'local');
  if (remote.length === 0) {
    return { sources: sources.map((text) => ({ text, find: () => findSources(request, text) })) };
  }
  if (remote.length === sources.length) return remoteSources(request, sessions, sources);
  throw new UsageError('Sources must be all local or all on a server.');
}

async function findSources(
  { context, options, stop }: CommandRequest,
  text: string,
): Promise<readonly CopySource[]> {
  const isExcluded = excludesFrom(options.exclude ?? []);
  const path = localPath(context, text);
  const found = await findPaths(new LocalPlace(), path, { links: 'follow', signal: stop }).catch(
    (error: unknown) => throwFor(error, text),
  );
  return found
    .filter(({ entry: { name, kind } }) => !isExcluded(name, kind === 'directory' ? kind : 'file'))
    .map((source) => ({ ...source, meansContents: text.endsWith('/') }));
}

/** Node puts this character in place of octets of an argument that are not UTF-8. */
const REPLACED = '\ufffd';

function throwFor(error: unknown, text: string): never {
  if ((error as Partial<Failure>).kind !== 'missing' || !text.includes(REPLACED)) throw error;
  const hint = 'its name is not UTF-8. Upload its directory with -r, or use a pattern.';
  throw new Failure('missing', `${text}: no such file, or ${hint}`);
}

async function targetOf(
  { session, path, written }: RemoteSpot,
  sources: number,
): Promise<CopyTarget> {
  if (sources > 1 || written.endsWith('/')) return { path, how: 'into' };
  const { place } = session;
  const entry = await findTarget(place, path, () => place.follow(path));
  return { path, how: entry?.kind === 'directory' ? 'into' : 'as' };
}

/** The directory that is copied into. */
async function makeTarget(place: Place, { path, how }: CopyTarget): Promise<void> {
  if (how === 'into' && path !== '/') await place.makeDirectory(path);
}
