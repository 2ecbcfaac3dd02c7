import type { Using } from '../context/app-context.ts';
import type { Place } from '../files/place.ts';
import type { Pane } from '../state/pane.ts';
import type { Side } from '../state/ui.ts';

/** The active pane, and the place that it shows. */
export function activeScene(app: Using<'ui' | 'places'>): { side: Side; pane: Pane; place: Place } {
  const side = app.ui.get().active;
  const place = app.places.of(side);
  if (place === undefined) throw new Error('Not connected.');
  return { side, pane: app.ui.activePane, place };
}
