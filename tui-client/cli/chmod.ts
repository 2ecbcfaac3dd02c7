import { Failure } from '../errors/failure.ts';
import { readListing } from '../files/listing.ts';
import { type ModeChange, octalMode, parseModeChange } from '../files/mode-change.ts';
import { LINK_MODE, lastName, parentOf } from '../files/place.ts';
import { UsageError } from './command-context.ts';
import { type FoundSpot, forEachPlace } from './each-place.ts';
import type { Found } from './glob-paths.ts';
import type { CommandRequest } from './request.ts';
import type { RemoteSpot, Sessions } from './sessions.ts';
import { walk } from './walk.ts';

/** Changes permissions, with `--recursive` also those of all below. Links below are left as they are. */
export function chmod(request: CommandRequest): Promise<number> {
  const [written = '', ...places] = request.args;
  const change = parseModeChange(written);
  if (change === undefined) {
    throw new UsageError(`Invalid mode "${written}": expected 644, u+x or go-w, for example.`);
  }
  if (places.length === 0) throw new UsageError('Missing place: give at least one site:/path.');
  return forEachPlace({ ...request, args: places }, async (named, { output }) => {
    const isRecursive = request.options.recursive === true;
    const spot = isRelative(change, named) ? await withoutLinkMode(named) : named;
    const { place } = spot.session;
    for await (const found of isRecursive ? walk(place, spot, { signal: request.stop }) : [spot]) {
      if (found.entry.kind === 'link' && found.path !== spot.path) continue;
      await changeMode(found, change, { spot, output });
    }
  });
}

function isRelative(change: ModeChange, { entry }: Found): boolean {
  return change({ ...entry, mode: undefined }) === undefined;
}

/** For a link, ProFTPD reports its target but the mode of the link: the current mode is unknown then. */
async function withoutLinkMode(spot: FoundSpot): Promise<FoundSpot> {
  if (spot.entry.mode !== LINK_MODE) return spot;
  const { entries } = await readListing(spot.session.place, parentOf(spot.path));
  const listed = entries.find(({ name }) => name === lastName(spot.path));
  return listed?.kind === 'link' ? { ...spot, entry: { ...spot.entry, mode: undefined } } : spot;
}

async function changeMode(
  { path, entry }: Found,
  change: ModeChange,
  { spot, output }: { spot: RemoteSpot; output: Sessions['output'] },
): Promise<void> {
  const mode = change(entry);
  if (mode === undefined) {
    throw new Failure(
      'protocol',
      `${path}: the server does not report its mode; give the new mode as a number, such as 644.`,
    );
  }
  if (!(await spot.session.place.setMode(path, mode))) {
    throw new Failure('protocol', `${path}: the server does not support SITE CHMOD.`);
  }
  await output.json({ type: 'mode', path, mode: octalMode(mode) });
}
