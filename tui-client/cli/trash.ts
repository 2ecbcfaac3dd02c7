import { Failure } from '../errors/failure.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { DeletedFile, RemoteTrash } from '../remote/trash.ts';
import { displayName, fullDate, shortBytes } from '../text/format.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { CommandRequest } from './request.ts';
import { siteText, withSessions } from './sessions.ts';

/** Lists the deleted files of the account, or restores one under its name or another. */
export function trash(request: CommandRequest): Promise<number> {
  const [site = '', id, path] = request.args;
  return withSessions(request, async (sessions) => {
    const { output } = sessions;
    const { session } = await sessions.spot(siteText(site));
    const kept = requireTrash(session);
    if (id === undefined) {
      for (const file of await kept.list()) {
        await output.result(
          () => `${lineOf(file)}\n`,
          () => jsonOf(file),
        );
      }
      return EXIT_CODES.done;
    }
    await kept.restore(id, path);
    await output.json({ type: 'restored', id, ...(path !== undefined && { path }) });
    if (!output.isJson) output.note(`Restored ${displayName(path ?? id)}.`);
    return EXIT_CODES.done;
  });
}

function requireTrash({ capabilities, trash: kept }: RemoteSession): RemoteTrash {
  if (capabilities.hasBoth('SITE', 'TRASH')) return kept;
  throw new Failure('protocol', 'The server has no trash (SITE TRASH).');
}

function lineOf({ id, path, kind, sizeBytes, deletedMs, isReplaced }: DeletedFile): string {
  const size = kind === 'directory' ? 'dir' : shortBytes(sizeBytes);
  const how = isReplaced ? 'replaced' : 'deleted ';
  return [id, fullDate(deletedMs), how, size.padStart(6), displayName(path)].join('  ');
}

function jsonOf({ deletedMs, expiresMs, ...file }: DeletedFile) {
  const isoOf = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return { type: 'deleted', ...file, deletedAt: isoOf(deletedMs), expiresAt: isoOf(expiresMs) };
}
