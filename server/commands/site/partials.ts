import { multilineReply, type Reply, reply } from '../../control/reply.ts';
import { ArgumentError } from '../../errors.ts';
import { mapInSlices } from '../../files/map-in-slices.ts';
import type { PartialUpload } from '../../files/partial-uploads.ts';
import { sizeIfThere } from '../../files/writable-space.ts';
import { machineTime } from '../../listing/machine-time.ts';
import type { Session } from '../../session.ts';
import type { Command } from '../command.ts';

/** A reply is one write; nobody reads more. */
const LISTED_AT_MOST = 1000;

/**
 * SITE PARTIALS: the uploads that were cut, with what has come of each and until when it is kept. By their ids, those
 * that have lost their name can be reached, too.
 */
export const partials: Command = {
  verb: 'PARTIALS',
  argument: 'optional',
  syntax: 'SITE PARTIALS [<SP> DROP <SP> id | <SP> RECOVER <SP> id <SP> pathname]',
  summary: 'list, drop or recover cut uploads',
  handle(session, argument) {
    const [, verb = '', id = '', pathname] = /^(\S+)(?: (\S+)(?: (.+))?)?$/.exec(argument) ?? [];
    if (argument.trim() === '') return list(session);
    if (/^drop$/i.test(verb) && id !== '' && pathname === undefined) return drop(session, id);
    if (/^recover$/i.test(verb) && pathname !== undefined) return recover(session, id, pathname);
    throw new ArgumentError(`Syntax: ${partials.syntax}`);
  },
};

async function drop(session: Session, id: string): Promise<Reply> {
  const { path } = await session.files.dropPartial(id);
  return reply(250, `Partial upload of ${path} dropped.`);
}

async function recover(session: Session, id: string, pathname: string): Promise<Reply> {
  const path = await session.files.recoverPartial(id, pathname);
  return reply(250, `Partial upload recovered as ${path}; resume it with REST or APPE.`);
}

async function list(session: Session): Promise<Reply> {
  const all = session.files.storage.partials?.list();
  if (all === undefined)
    return reply(213, 'This account can only read and has no partial uploads.');
  return listed(session, all);
}

async function listed(session: Session, all: readonly PartialUpload[]): Promise<Reply> {
  if (all.length === 0) return reply(213, 'No partial uploads.');
  const { keepPartialsMs } = session.services.settings;
  const lines = await mapInSlices(all.slice(0, LISTED_AT_MOST), async (partial) => {
    const sizeBytes = await sizeIfThere(partial.diskPath);
    const isRunning = session.files.storage.partials?.isClaimed(partial);
    const expiresMs =
      isRunning || keepPartialsMs === 0 ? undefined : partial.cutAtMs + keepPartialsMs;
    const isShown = await session.files.storage.isShown(partial);
    return `${factsOf({ partial, isShown, sizeBytes, expiresMs })} ${partial.path}`;
  });
  if (all.length > lines.length) lines.push(`... and ${all.length - lines.length} more`);
  return multilineReply(213, ['Partial uploads:', ...lines, 'End.']);
}

/**
 * In the form of MLST: the size, the times when the upload was last worked on, begun, and when it expires. `X.shown`
 * marks those that are seen under their name.
 */
function factsOf({
  partial: { id, createdAtMs, cutAtMs },
  isShown,
  sizeBytes,
  expiresMs,
}: {
  readonly partial: PartialUpload;
  readonly isShown: boolean;
  readonly sizeBytes: number;
  readonly expiresMs: number | undefined;
}): string {
  const expiry = expiresMs === undefined ? '' : `X.expires=${machineTime(expiresMs)};`;
  const times = `modify=${machineTime(cutAtMs)};create=${machineTime(createdAtMs)};`;
  return `size=${sizeBytes};${times}${expiry}${isShown ? 'X.shown=1;' : ''}X.id=${id};`;
}
