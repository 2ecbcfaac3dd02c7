import type { Place } from '../files/place.ts';
import type { Side } from '../state/ui.ts';
import type { Connection } from './connection.ts';

/** The files of both panes. */
export class Places {
  readonly local: Place;
  /** Listings under way, at most one for a pane. */
  readonly listings = new Map<Side, AbortController>();
  readonly #connection: Connection;

  constructor(local: Place, connection: Connection) {
    this.local = local;
    this.#connection = connection;
  }

  /** Undefined for the right side without a connection. */
  of(side: Side): Place | undefined {
    return side === 'left' ? this.local : this.#connection.active?.session.place;
  }
}
