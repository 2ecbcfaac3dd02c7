import type { Socket } from 'node:net';
import type { ControlTls } from '../tls/control-tls.ts';
import { DataConnector } from './data-connector.ts';
import type { ExpectedConnection } from './expected-connection.ts';
import type { PassiveHabits } from './passive-habits.ts';

interface PassiveConnectorOptions {
  readonly expected: ExpectedConnection;
  readonly habits: PassiveHabits;
  /** TLS for the data connection; undefined if it is in clear. */
  readonly tls: () => ControlTls | undefined;
}

/** The client opens the data connection (PASV, EPSV). */
export class PassiveConnector extends DataConnector {
  readonly #expected: ExpectedConnection;
  readonly #habits: PassiveHabits;
  readonly #tls: () => ControlTls | undefined;

  constructor({ expected, habits, tls }: PassiveConnectorOptions) {
    super();
    this.#expected = expected;
    this.#habits = habits;
    this.#tls = tls;
  }

  override get isReady(): boolean {
    return this.#expected.isCertain && this.#tls()?.expectsResumption !== true;
  }

  protected override begin(
    found: (connection: Socket) => void,
    failed: (error: Error) => void,
  ): void {
    const habits = this.#habits;
    let isEarly = true;
    this.#expected.take({
      found: (connection) => {
        if (isEarly) habits.cameEarly();
        found(connection);
      },
      failed,
      tls: this.#tls(),
      holdMs: () => habits.holdMs,
    });
    if (!this.#expected.isAwaited) return;
    // Node may read the command first if both have come. The next poll of the event loop accepts the connection.
    afterNextPoll(() => {
      if (!this.#expected.isAwaited) return;
      isEarly = false;
      habits.cameLate();
    });
  }

  protected override cancel(): void {
    this.#expected.cancel();
  }
}

function afterNextPoll(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
