import { posix } from 'node:path';
import { Failure } from '../errors/failure.ts';
import { joinPath, type Place } from '../files/place.ts';
import { UsageError } from './command-context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { CommandRequest } from './request.ts';
import { withSessions } from './sessions.ts';

/** Renames or moves on the server; into a directory if the target is one. */
export function mv(request: CommandRequest): Promise<number> {
  const [from = '', to = ''] = request.args;
  return withSessions(request, async (sessions) => {
    const [source, target] = [await sessions.spot(from), await sessions.spot(to)];
    if (source.session !== target.session) {
      throw new UsageError('mv works within one site. To copy to another site, use put.');
    }
    const { place } = source.session;
    const path = await targetPath(place, source.path, target.path);
    if (request.options.overwrite !== true && (await place.stat(path)) !== undefined) {
      throw new Failure('exists', `${path}: already exists; use --overwrite to replace it.`);
    }
    await place.rename(source.path, path);
    await sessions.output.json({ type: 'moved', from: source.path, to: path });
    return EXIT_CODES.done;
  });
}

async function targetPath(place: Place, from: string, to: string): Promise<string> {
  const entry = await place.follow(to);
  return entry?.kind === 'directory' ? joinPath(to, posix.basename(from)) : to;
}
