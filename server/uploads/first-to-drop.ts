import type { VirtualPath } from '../disk/virtual-path.ts';
import { smallest } from '../scheduling/smallest.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { PartialUploads } from './partial-uploads.ts';

type Order = Parameters<typeof smallest<PartialUpload>>[1];

/**
 * The partial that is missed least when an upload to `path` needs room: one without a name, else one that the quota has
 * cut, else what is left of an earlier upload of the same name; undefined if there is none.
 */
export async function firstToMakeWay(
  partials: PartialUploads,
  path: VirtualPath,
): Promise<PartialUpload | undefined> {
  const ofName = partials.find(path);
  return (
    (await oldest(partials, partials.nameless())) ??
    (await oldest(partials, partials.makingWay())) ??
    (ofName !== undefined && isDroppable(partials, ofName) ? ofName : undefined)
  );
}

/**
 * The partials that would expire first: those without a name before those with one, each in the order in which they were
 * worked on.
 */
export function firstToExpire(partials: PartialUploads, count: number): Promise<PartialUpload[]> {
  const compare = (one: PartialUpload, other: PartialUpload) =>
    Number(one.held !== undefined) - Number(other.held !== undefined) ||
    one.cutAtMs - other.cutAtMs;
  return firstOf(partials, partials.values(), { count, compare });
}

/** The one that was begun first; undefined if all are in use. */
async function oldest(
  partials: PartialUploads,
  candidates: Iterable<PartialUpload>,
): Promise<PartialUpload | undefined> {
  const compare = (one: PartialUpload, other: PartialUpload) => one.beginNumber - other.beginNumber;
  const [first] = await firstOf(partials, candidates, { count: 1, compare });
  return first;
}

async function firstOf(
  partials: PartialUploads,
  candidates: Iterable<PartialUpload>,
  order: Order,
): Promise<PartialUpload[]> {
  const isWanted = (partial: PartialUpload) => isDroppable(partials, partial);
  const idle = await smallest(only(candidates, isWanted), order);
  // Others had their turn in between.
  return idle.filter(isWanted);
}

function isDroppable(partials: PartialUploads, partial: PartialUpload): boolean {
  return partials.get(partial.id) === partial && !partials.isInUse(partial);
}

function* only<Item>(
  items: Iterable<Item>,
  isWanted: (item: Item) => boolean,
): Generator<Item, void> {
  for (const item of items) if (isWanted(item)) yield item;
}
