import type { Using } from '../context/app-context.ts';
import { failureText, isCancelled, isFailureOf } from '../errors/failure-text.ts';
import { isIncomplete } from '../files/listing.ts';
import type { Entry, Place } from '../files/place.ts';
import { RowGatherer } from '../state/row-gatherer.ts';
import type { Row } from '../state/row-order.ts';
import type { Side } from '../state/ui.ts';

/** The first rows come at once; later ones together, so that each is merged into fewer lists. */
const SHOWN_AFTER_MS = 120;
const MAX_SHOWN_AFTER_MS = 500;

interface Request {
  readonly path: string;
  /** The name to stand on. */
  readonly wanted?: string | undefined;
}

/** Shows a directory while it arrives. What was shown before stays if it cannot be read. */
export async function openDirectory(
  app: Using<'ui' | 'connection' | 'places'>,
  side: Side,
  request: Request,
): Promise<boolean> {
  return listing(app, side, async (place, signal) => {
    let hasEntered = false;
    const show = (rows: readonly Row[]) => {
      if (hasEntered) app.ui.changePane(side, { type: 'more', rows });
      else app.ui.changePane(side, { type: 'entered', rows, ...located(request) });
      hasEntered = true;
    };
    const gap = await gapOf(
      () => inChunks(place.list(request.path, signal), show, signal),
      () => canEnter(app, side, request.path),
    );
    if (!hasEntered) show([]);
    app.ui.changePane(side, { type: 'complete', gap });
    // For a while: the border goes on saying so.
    if (gap !== undefined) app.ui.notify(gap);
  });
}

/** Reads what is shown once more; it is exchanged as a whole, so that nothing jumps. */
export async function refreshDirectory(
  app: Using<'ui' | 'places'>,
  side: Side,
  wanted?: string,
): Promise<boolean> {
  const { path } = app.ui.get().panes[side];
  return listing(app, side, async (place, signal) => {
    const gathered = new RowGatherer();
    const gap = await gapOf(async () => {
      for await (const batch of place.list(path, signal)) {
        signal.throwIfAborted();
        gathered.add(batch);
      }
    });
    app.ui.changePane(side, { type: 'refreshed', rows: gathered.take(), gap });
    if (wanted !== undefined) app.ui.changePane(side, { type: 'movedToName', name: wanted });
  });
}

/** False if another reading has replaced it or it failed, which the pane shows. */
async function listing(
  app: Using<'ui' | 'places'>,
  side: Side,
  read: (place: Place, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const place = app.places.of(side);
  if (place === undefined) return false;
  app.places.listings.get(side)?.abort();
  const controller = new AbortController();
  app.places.listings.set(side, controller);
  app.ui.changePane(side, { type: 'opening' });
  try {
    await read(place, controller.signal);
    return true;
  } catch (error) {
    if (app.places.listings.get(side) !== controller) return false;
    const message = isCancelled(error) ? 'Listing stopped.' : failureText(error);
    app.ui.changePane(side, { type: 'failed', message });
    // The border has little room. The last line reports a lost connection itself.
    const isLost = side === 'right' && app.ui.get().connection.state === 'lost';
    if (!isCancelled(error) && !isLost) app.ui.notify(message, 'bad');
    return false;
  } finally {
    if (app.places.listings.get(side) === controller) app.places.listings.delete(side);
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
async function canEnter(app: Using<'connection'>, side: Side, path: string): Promise<boolean> {
  return side === 'right' && (await app.connection.active?.session.place.canEnter(path)) === true;
}

function located({ path, wanted }: Request) {
  return { path, wanted };
}

async function inChunks(
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
      afterMs = Math.min(MAX_SHOWN_AFTER_MS, afterMs * 1.2);
      shownAtMs = performance.now();
    }
    signal.throwIfAborted();
  } finally {
    if (!signal.aborted && !gathered.isEmpty) show(gathered.take());
  }
}
