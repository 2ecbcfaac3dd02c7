import type { Using } from '../context/app-context.ts';
import { failureText } from '../errors/failure-text.ts';
import type { Conflict } from '../transfers/conflict.ts';

interface Shown {
  /** Takes one line, for each comparison. */
  readonly show: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Compares the checksums of a source and of the target that has its name, and shows what came of it. */
export async function compareChecksums(
  app: Using<'connection' | 'places'>,
  { job }: Conflict,
  { show, signal }: Shown,
): Promise<void> {
  const session = app.connection.active?.session;
  const algorithm = session?.algorithm;
  if (session === undefined || algorithm === undefined) return;
  show(`Comparing ${algorithm} …`);
  const isUpload = job.direction === 'upload';
  try {
    const [ours, theirs] = await Promise.all([
      app.places.local.digest(isUpload ? job.from : job.to, algorithm, signal),
      session.place.digest(isUpload ? job.to : job.from, algorithm, signal),
    ]);
    if (theirs === undefined) show('The server reports no checksum for this file.');
    else if (ours === theirs) show(`${algorithm} equal: the files are identical.`);
    else show(`${algorithm} differs: the files are different.`);
  } catch (error) {
    show(failureText(error));
  }
}
