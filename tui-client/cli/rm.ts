import { Failure } from '../errors/failure.ts';
import { readListing } from '../files/listing.ts';
import { lastName, parentOf } from '../files/place.ts';
import { type FoundSpot, forEachPlace } from './each-place.ts';
import type { Output } from './output.ts';
import type { CommandRequest } from './request.ts';
import { walk } from './walk.ts';

/** Deletes files, and with `--recursive` directories. */
export function rm(request: CommandRequest): Promise<number> {
  const { options } = request;
  return forEachPlace(
    request,
    async (named, { output }) => {
      const spot = await itself(named);
      if (spot.entry.kind === 'directory') checkDirectory(spot, options.recursive === true);
      if (options.dryRun === true) await tell(spot, output, request.stop);
      else await remove(spot, output, request.stop);
    },
    {
      links: 'keep',
      isIgnored: ({ kind }) => options.force === true && kind === 'missing',
    },
  );
}

/** Some servers tell of a link what it leads to; the listing of its directory shows the link. */
async function itself(spot: FoundSpot): Promise<FoundSpot> {
  if (spot.entry.kind !== 'directory' || spot.path === '/') return spot;
  const name = lastName(spot.path);
  const { entries } = await readListing(spot.session.place, parentOf(spot.path));
  const listed = entries.find((entry) => entry.name === name);
  return listed?.kind === 'link' ? { ...spot, entry: listed } : spot;
}

function checkDirectory({ path }: FoundSpot, isRecursive: boolean): void {
  if (path === '/') throw new Failure('denied', 'The root directory cannot be deleted.');
  if (!isRecursive) throw new Failure('exists', `${path}: is a directory; use -r to delete it.`);
}

async function remove(
  { session, path }: FoundSpot,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  await session.place.remove(path, {
    signal,
    onRemoved: (removed) => {
      count = removed;
    },
  });
  await output.json({ type: 'removed', path, count });
}

async function tell(
  { session, path, entry }: FoundSpot,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  for await (const found of walk(session.place, { path, entry }, { signal })) {
    await output.result(
      () => `would delete ${output.name(found.path)}\n`,
      () => ({ type: 'plan', action: 'delete', path: found.path, kind: found.entry.kind }),
    );
  }
}
