import type { Socket } from 'node:net';
import { DataConnector } from '../data/data-connector.ts';
import type { Invitation } from '../data/invitation.ts';
import type { Session } from '../session/session.ts';

/** The client opens the data connection (PASV, EPSV). */
export class PassiveConnector extends DataConnector {
  readonly #session: Session;
  readonly #invitation: Invitation;

  constructor(session: Session, invitation: Invitation) {
    super(session);
    this.type = 'passive';
    this.#session = session;
    this.#invitation = invitation;
  }

  override get isReady(): boolean {
    return this.#invitation.isCertain && this.#tls?.expectsResumption !== true;
  }

  protected override begin(
    found: (connection: Socket) => void,
    failed: (error: Error) => void,
  ): void {
    const { passiveHabits: habits } = this.#session;
    let isEarly = true;
    this.#invitation.take({
      found: (connection) => {
        if (isEarly) habits.cameEarly();
        found(connection);
      },
      failed,
      tls: this.#tls,
      holdMs: () => habits.holdMs,
    });
    if (!this.#invitation.isAwaited) return;
    // Node may read the command first if both have come. The next poll of the event loop accepts the connection.
    afterNextPoll(() => {
      if (!this.#invitation.isAwaited) return;
      isEarly = false;
      habits.cameLate();
    });
  }

  protected override cancel(): void {
    this.#invitation.cancel();
  }

  /** Undefined if the data connection is to be in clear. */
  get #tls() {
    const { protection, tls } = this.#session;
    return protection === 'P' ? tls : undefined;
  }
}

function afterNextPoll(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
