import { multilineReply, type Reply, reply } from '../../control/reply.ts';
import { mapInSlices } from '../../files/map-in-slices.ts';
import type { PartialUpload } from '../../files/partial-uploads.ts';
import { sizeIfThere } from '../../files/writable-space.ts';
import { machineTime } from '../../listing/machine-time.ts';
import type { Session } from '../../session.ts';
import type { Command } from '../command.ts';

/** A reply is one write; nobody reads more. */
const LISTED_AT_MOST = 1000;

/** SITE PARTIALS: the uploads that were cut, with what is there of each and until when it is kept. */
export const partials: Command = {
  verb: 'PARTIALS',
  argument: 'none',
  syntax: 'SITE PARTIALS',
  summary: 'list the uploads that can be resumed',
  async handle(session) {
    const all = session.files.storage.partials?.list();
    if (all === undefined)
      return reply(213, 'This account can only read and has no partial uploads.');
    return listed(session, all);
  },
};

async function listed(session: Session, all: readonly PartialUpload[]): Promise<Reply> {
  if (all.length === 0) return reply(213, 'No partial uploads.');
  const { keepPartialsMs } = session.services.settings;
  const lines = await mapInSlices(all.slice(0, LISTED_AT_MOST), async (partial) => {
    const sizeBytes = await sizeIfThere(partial.diskPath);
    const isRunning = session.files.storage.partials?.isClaimed(partial);
    const expiresMs =
      isRunning || keepPartialsMs === 0 ? undefined : partial.cutAtMs + keepPartialsMs;
    return `${factsOf(partial, sizeBytes, expiresMs)} ${partial.path}`;
  });
  if (all.length > lines.length) lines.push(`... and ${all.length - lines.length} more`);
  return multilineReply(213, ['Partial uploads:', ...lines, 'End.']);
}

/** In the form of MLST: `size`, when it was last worked on, begun, and when it goes if nothing happens. */
function factsOf(partial: PartialUpload, sizeBytes: number, expiresMs: number | undefined): string {
  const { createdAtMs, cutAtMs } = partial;
  const expiry = expiresMs === undefined ? '' : `X.expires=${machineTime(expiresMs)};`;
  const times = `modify=${machineTime(cutAtMs)};create=${machineTime(createdAtMs)};`;
  return `size=${sizeBytes};${times}${expiry}`;
}
