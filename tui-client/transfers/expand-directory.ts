import { readListing } from '../files/listing.ts';
import { inTreeOrder } from '../files/name-order.ts';
import { type Entry, joinPath, type Place } from '../files/place.ts';
import { isSendableName } from '../local/disk-name.ts';
import type { Job } from './queue/job.ts';
import type { RemoteTargets } from './remote-targets.ts';
import type { TransferPlan } from './transfer-plan.ts';
import type { Choice, TreeLinks } from './tree-links.ts';
import { unsendableName } from './unsendable-name.ts';

interface Expansion {
  readonly local: Place;
  readonly remotePlace: Place;
  readonly remoteTargets: RemoteTargets;
  readonly links: TreeLinks;
  readonly signal: AbortSignal;
}

const BATCH_PLANS = 256;

/**
 * Makes the directory at the target and gives what the one at the source holds, in batches: files by name, then
 * directories by name.
 */
export async function* expandDirectory(
  job: Job,
  { local, remotePlace, remoteTargets, links, signal }: Expansion,
): AsyncGenerator<readonly TransferPlan[]> {
  const isUpload = job.direction === 'upload';
  if (isUpload && !isSendableName(job.to)) throw unsendableName(job.from);
  if (isUpload) await makeRemoteDirectory(job.to, remotePlace, { remoteTargets, signal });
  else await local.makeDirectory(job.to);
  const { entries, gap } = await readListing(isUpload ? local : remotePlace, job.from, signal);
  if (isUpload) remoteTargets.twins.expect(entries.map(({ name }) => joinPath(job.to, name)));
  const plans: TransferPlan[] = [];
  for (const entry of inTreeOrder(entries)) {
    const choice = entry.kind === 'file' ? { entry } : await links.choose(job.from, entry);
    plans.push(planFor(job, entry, choice));
    if (plans.length === BATCH_PLANS) yield plans.splice(0);
  }
  yield plans;
  if (gap !== undefined) throw gap;
}

function planFor(job: Job, { name }: Entry, choice: Choice): TransferPlan {
  const { direction, policy, links, id } = job;
  const common = { direction, policy, links, parent: id };
  const paths = { from: joinPath(job.from, name), to: joinPath(job.to, name) };
  if ('skip' in choice) return { ...common, ...paths, kind: 'file', skip: choice.skip };
  const { kind, sizeBytes, modifiedMs } = choice.entry;
  if (kind === 'directory') return { ...common, ...paths, kind, modifiedMs };
  return { ...common, ...paths, kind: 'file', sizeBytes, modifiedMs };
}

/** What it holds is remembered, so that its files need no question each. */
async function makeRemoteDirectory(
  path: string,
  place: Place,
  { remoteTargets, signal }: Pick<Expansion, 'remoteTargets' | 'signal'>,
): Promise<void> {
  const find = () => remoteTargets.find(path, place);
  const task = async () => ((await find()) === undefined ? place.makeDirectory(path) : 'existed');
  if ((await remoteTargets.twins.write(path, { place, signal, task })) === 'made') {
    remoteTargets.noteDirectory(path);
    remoteTargets.remember(path, []);
    return;
  }
  const { entries, isComplete } = await readListing(place, path, signal);
  // A name that is missing in an incomplete listing has to be asked for.
  if (isComplete) remoteTargets.remember(path, entries);
}
