import type { Socket } from 'node:net';
import type { ConnectionContract } from '../ftp-srv-internals.ts';
import { DataConnector } from './data-connector.ts';
import type { Invitation } from './invitation.ts';

/** The client opens the data connection (PASV, EPSV). */
export class PassiveConnector extends DataConnector {
  readonly #invitation: Invitation;

  constructor(session: ConnectionContract, invitation: Invitation) {
    super(session);
    this.type = 'passive';
    this.#invitation = invitation;
  }

  override get isReady(): boolean {
    return this.#invitation.hasArrived;
  }

  protected override begin(found: (connection: Socket) => void): void {
    this.#invitation.take(found);
  }

  protected override cancel(): void {
    this.#invitation.cancel();
  }
}
