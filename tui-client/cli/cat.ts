import { downloadWhole } from '../transfers/download-whole.ts';
import { forEachPlace } from './each-place.ts';
import type { CommandRequest } from './request.ts';

/** Writes files to standard output, while they arrive. */
export function cat(request: CommandRequest): Promise<number> {
  return forEachPlace(request, async ({ session, path, entry }, { output }) => {
    await downloadWhole(session, path, {
      entry,
      sink: (octets) => output.octets(octets),
      signal: request.stop,
    });
  });
}
