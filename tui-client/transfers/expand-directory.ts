import { readListing } from '../listing.ts';
import { isSendableName } from '../local/disk-name.ts';
import { type Entry, joinPath, type Place } from '../place.ts';
import type { Job } from './job.ts';
import type { RemoteTargets } from './remote-targets.ts';
import type { TransferPlan } from './transfer-plan.ts';
import { unsendableName } from './unsendable-name.ts';

interface Expansion {
  readonly local: Place;
  readonly remotePlace: Place;
  readonly remoteTargets: RemoteTargets;
  readonly signal: AbortSignal;
}

const NOTES = {
  link: 'Links are not followed.',
  other: 'It is neither a file nor a directory.',
};

/** Makes the directory at the target and gives what the one at the source holds, in batches. */
export async function* expandDirectory(
  job: Job,
  { local, remotePlace, remoteTargets, signal }: Expansion,
): AsyncGenerator<readonly TransferPlan[]> {
  const isUpload = job.direction === 'upload';
  if (isUpload && !isSendableName(job.to)) throw unsendableName(job.from);
  if (isUpload) await makeRemoteDirectory(job.to, remotePlace, { remoteTargets, signal });
  else await local.makeDirectory(job.to);
  for await (const entries of (isUpload ? local : remotePlace).list(job.from, signal)) {
    yield entries.map((entry) => planFor(job, entry));
  }
}

function planFor(job: Job, entry: Entry): TransferPlan {
  const { direction, policy, id } = job;
  const { name, kind, sizeBytes, modifiedMs } = entry;
  return {
    direction,
    policy,
    parent: id,
    kind: kind === 'directory' ? 'directory' : 'file',
    from: joinPath(job.from, name),
    to: joinPath(job.to, name),
    sizeBytes: kind === 'directory' ? undefined : sizeBytes,
    modifiedMs,
    ...(kind === 'link' || kind === 'other' ? { skip: NOTES[kind] } : {}),
  };
}

/** What it holds is remembered, so that its files need no question each. */
async function makeRemoteDirectory(
  path: string,
  place: Place,
  { remoteTargets, signal }: Pick<Expansion, 'remoteTargets' | 'signal'>,
): Promise<void> {
  if ((await remoteTargets.find(path, place)) === undefined) {
    await place.makeDirectory(path);
    remoteTargets.remember(path, []);
    return;
  }
  const { entries, isComplete } = await readListing(place, path, signal);
  // A name that is missing in an incomplete listing has to be asked for.
  if (isComplete) remoteTargets.remember(path, entries);
}
