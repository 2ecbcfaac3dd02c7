import { Failure } from '../errors/failure.ts';
import { joinPath, type Place } from '../files/place.ts';
import { LocalPlace } from '../local/local-place.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import { parseTarget } from '../sites/target.ts';
import { namedPlace, sideName } from '../transfers/named-side.ts';
import type { Job } from '../transfers/queue/job.ts';
import { UsageError } from './command-context.ts';
import { localPath } from './local-spot.ts';
import type { CommandRequest } from './request.ts';
import type { RemoteSpot, Sessions } from './sessions.ts';

/** Where a mirror reads and writes. */
export interface Sides {
  readonly direction: Job['direction'];
  /** The server that is written to, or read from if this machine is the target. */
  readonly session: RemoteSession;
  /** The other server, if there are two. */
  readonly sourceSession?: RemoteSession;
  readonly source: Place;
  readonly target: Place;
  readonly from: string;
  readonly to: string;
}

/** Logs in where the arguments lead. */
export async function sidesOf(
  { context, args: [from = '', to = ''] }: CommandRequest,
  sessions: Sessions,
): Promise<Sides> {
  const [isFromServer, isToServer] = [from, to].map((text) => parseTarget(text).kind !== 'local');
  const local = new LocalPlace();
  if (isFromServer && isToServer) {
    return sidesOfServers(await sessions.spot(from), await sessions.spot(to));
  }
  if (!isFromServer && !isToServer)
    throw new UsageError('At least one of the two places must be on a server.');
  const { session, path } = await sessions.spot(isFromServer ? from : to);
  const { place } = session;
  return isFromServer
    ? {
        ...{ direction: 'download', session, source: place, target: local },
        ...{ from: path, to: localPath(context, to) },
      }
    : {
        ...{ direction: 'upload', session, source: local, target: place },
        ...{ from: localPath(context, from), to: path },
      };
}

/** What goes through this machine is uploaded from one server to the other. */
function sidesOfServers(from: RemoteSpot, to: RemoteSpot): Sides {
  if (from.session.site.id === to.session.site.id) checkApart(from.path, to.path);
  return {
    direction: 'upload',
    session: to.session,
    sourceSession: from.session,
    source: namedPlace(from.session.place, sideName(from.session)),
    target: namedPlace(to.session.place, sideName(to.session)),
    from: from.path,
    to: to.path,
  };
}

/** On one server: a copy onto itself would destroy it, one within itself would have no end. */
export function checkApart(from: string, to: string): void {
  const isInside = (one: string, other: string) => `${one}/`.startsWith(joinPath(other, ''));
  if (isInside(from, to) || isInside(to, from)) {
    throw new UsageError('One directory is inside the other, or both are the same.');
  }
}

/** One that is not there must not empty the target. */
export async function checkSource({ source, from }: Sides): Promise<void> {
  const entry = await source.follow(from);
  if (entry === undefined) throw new Failure('missing', `${from}: no such directory.`);
  if (entry.kind !== 'directory') throw new Failure('exists', `${from}: not a directory.`);
}
