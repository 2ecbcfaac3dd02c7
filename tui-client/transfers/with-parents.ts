import { dirname } from 'node:path';
import type { Failure } from '../errors/failure.ts';
import type { Place } from '../files/place.ts';

interface Upload<Result> {
  readonly place: Place;
  /** Of the file. */
  readonly path: string;
  /** Called again once the directories exist, if it failed for want of them. */
  readonly send: () => Promise<Result>;
  /** Whether sending again loses nothing of the source. */
  readonly mayRepeat?: () => boolean;
}

/** Uploads a file, and makes the directories of its path if they do not exist. */
export async function withParents<Result>(upload: Upload<Result>): Promise<Result> {
  const { place, path, send, mayRepeat = () => true } = upload;
  try {
    return await send();
  } catch (error) {
    if (!mayRepeat() || !(await lacksDirectory(place, path, error))) throw error;
  }
  await place.makeDirectory(dirname(path));
  return send();
}

/** Servers refuse an upload in the same words, whether the directory is missing or may not be written to. */
async function lacksDirectory(place: Place, path: string, error: unknown): Promise<boolean> {
  const { kind } = error as Partial<Failure>;
  if (kind === 'missing') return true;
  if (kind !== 'denied' && kind !== 'exists') return false;
  // The refusal of the upload says more than that of a question about its directory.
  const directory = await place.stat(dirname(path)).catch(() => 'unknown' as const);
  return directory === undefined;
}
