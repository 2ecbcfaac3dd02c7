import type { Place } from '../place.ts';
import type { Pane } from '../state/pane.ts';
import type { Side } from '../state/ui.ts';
import type { Desk } from './desk.ts';

/** The active pane, and the place that it shows. */
export function activeScene(desk: Desk): { side: Side; pane: Pane; place: Place } {
  const side = desk.store.get().active;
  const place = desk.placeOf(side);
  if (place === undefined) throw new Error('Not connected.');
  return { side, pane: desk.active, place };
}
