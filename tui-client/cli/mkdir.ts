import { forEachSpot } from './each-place.ts';
import type { CommandRequest } from './request.ts';

/** Makes directories with their parents. */
export function mkdir(request: CommandRequest): Promise<number> {
  return forEachSpot(request, async ({ session, path }, { output }) => {
    await session.place.makeDirectory(path);
    await output.json({ type: 'made', path });
  });
}
