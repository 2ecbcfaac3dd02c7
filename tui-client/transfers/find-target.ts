import type { Failure } from '../errors/failure.ts';
import type { Entry, Place } from '../files/place.ts';

/**
 * What an upload would replace. If the server refuses to list the directory, as it does for a drop box, it is
 * asked for the size under this name: what it has no answer for counts as absent.
 *
 * @param find looks for it as usual.
 */
export async function findTarget(
  place: Place,
  path: string,
  find: () => Promise<Entry | undefined> = () => place.stat(path),
): Promise<Entry | undefined> {
  try {
    return await find();
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
  const sizeBytes = await sizeIfTold(place, path);
  if (sizeBytes === undefined) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { name, kind: 'file', sizeBytes, modifiedMs: undefined, mode: undefined };
}

async function sizeIfTold(place: Place, path: string): Promise<number | undefined> {
  try {
    return await place.size(path);
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

function isDenied(error: unknown): boolean {
  const { name, kind, isTransient } = (error ?? {}) as Partial<Failure>;
  return name === 'Failure' && kind === 'denied' && !isTransient;
}
