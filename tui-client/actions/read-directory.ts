import { isIncomplete } from '../listing.ts';
import type { Entry, Place } from '../place.ts';
import { RowGatherer } from '../state/row-gatherer.ts';
import type { Row } from '../state/row-order.ts';
import type { Side } from '../state/ui.ts';
import type { Desk } from './desk.ts';
import { failureText, isCancelled, isFailureOf } from './failure-text.ts';

/** The first rows come at once; later ones together, so that each is merged into fewer lists. */
const SHOWN_AFTER_MS = 120;
const SHOWN_AFTER_AT_MOST_MS = 500;

interface Request {
  readonly path: string;
  /** The name to stand on. */
  readonly wanted?: string | undefined;
}

/** Shows a directory while it arrives. What was shown before stays if it cannot be read. */
export async function openDirectory(desk: Desk, side: Side, request: Request): Promise<boolean> {
  return listing(desk, side, async (place, signal) => {
    let hasEntered = false;
    const show = (rows: readonly Row[]) => {
      if (hasEntered) desk.change(side, { type: 'more', rows });
      else desk.change(side, { type: 'entered', rows, ...located(request) });
      hasEntered = true;
    };
    const gap = await gapOf(
      () => inPortions(place.list(request.path, signal), show, signal),
      () => canEnter(desk, side, request.path),
    );
    if (!hasEntered) show([]);
    desk.change(side, { type: 'complete', gap });
    // For a while: the border goes on saying so.
    if (gap !== undefined) desk.tell(gap);
  });
}

/** Reads what is shown once more; it is exchanged as a whole, so that nothing jumps. */
export async function refreshDirectory(desk: Desk, side: Side, wanted?: string): Promise<boolean> {
  const { path } = desk.store.get().panes[side];
  return listing(desk, side, async (place, signal) => {
    const gathered = new RowGatherer();
    const gap = await gapOf(async () => {
      for await (const batch of place.list(path, signal)) {
        signal.throwIfAborted();
        gathered.add(batch);
      }
    });
    desk.change(side, { type: 'refreshed', rows: gathered.take(), gap });
    if (wanted !== undefined) desk.change(side, { type: 'movedToName', name: wanted });
  });
}

/** False if another reading has replaced it or it failed, which the pane shows. */
async function listing(
  desk: Desk,
  side: Side,
  read: (place: Place, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const place = desk.placeOf(side);
  if (place === undefined) return false;
  desk.listings.get(side)?.abort();
  const controller = new AbortController();
  desk.listings.set(side, controller);
  desk.change(side, { type: 'opening' });
  try {
    await read(place, controller.signal);
    return true;
  } catch (error) {
    if (desk.listings.get(side) !== controller) return false;
    const message = isCancelled(error) ? 'Reading the directory was stopped.' : failureText(error);
    desk.change(side, { type: 'failed', message });
    // The border has little room. The last line reports a lost connection itself.
    const isLost = side === 'right' && desk.store.get().connection.state === 'lost';
    if (!isCancelled(error) && !isLost) desk.tell(message, 'bad');
    return false;
  } finally {
    if (desk.listings.get(side) === controller) desk.listings.delete(side);
  }
}

/**
 * Reads a directory, and says why what was read is not everything.
 *
 * @param mayEnter whether a directory that must not be listed is shown all the same.
 */
async function gapOf(
  read: () => Promise<void>,
  mayEnter: () => Promise<boolean> = async () => false,
): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (isIncomplete(error)) return error.message;
    if (isFailureOf(error, 'denied') && (await mayEnter())) return failureText(error);
    throw error;
  }
}

/** A drop box of a server can be entered, for uploads, although its listing is refused. */
async function canEnter(desk: Desk, side: Side, path: string): Promise<boolean> {
  return side === 'right' && (await desk.online?.session.place.canEnter(path)) === true;
}

function located({ path, wanted }: Request) {
  return { path, wanted };
}

async function inPortions(
  batches: AsyncIterable<readonly Entry[]>,
  show: (rows: readonly Row[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const gathered = new RowGatherer();
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let afterMs = SHOWN_AFTER_MS;
  try {
    for await (const batch of batches) {
      signal.throwIfAborted();
      gathered.add(batch);
      const nowMs = performance.now();
      if (nowMs - shownAtMs < afterMs) continue;
      show(gathered.take());
      afterMs = Math.min(SHOWN_AFTER_AT_MOST_MS, afterMs * 1.2);
      shownAtMs = performance.now();
    }
    signal.throwIfAborted();
  } finally {
    if (!signal.aborted && !gathered.isEmpty) show(gathered.take());
  }
}
