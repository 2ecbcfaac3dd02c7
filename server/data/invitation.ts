import type { Socket } from 'node:net';

/** The expectation of one data connection, at one passive port, from one address. */
export class Invitation {
  readonly port: number;
  readonly madeAtMs: number;
  readonly #withdraw: (invitation: Invitation) => void;
  #state: 'open' | 'over' = 'open';
  #arrived: Socket | undefined;
  #take: ((connection: Socket) => void) | undefined;

  /** @param options.withdraw makes the port free for the address again. */
  constructor(options: {
    readonly port: number;
    readonly madeAtMs: number;
    readonly withdraw: (invitation: Invitation) => void;
  }) {
    this.port = options.port;
    this.madeAtMs = options.madeAtMs;
    this.#withdraw = options.withdraw;
  }

  /** Whether the connection has come and waits to be taken. */
  get hasArrived(): boolean {
    return this.#arrived !== undefined;
  }

  /** The connection has come. It may come before anybody asks for it. */
  accept(connection: Socket): void {
    this.#withdraw(this);
    if (this.#state === 'over') connection.destroy();
    else if (this.#take !== undefined) this.#take(connection);
    else this.#arrived = connection;
  }

  /** Hands the connection over, now or as soon as it is there. */
  take(take: (connection: Socket) => void): void {
    this.#take = take;
    const arrived = this.#arrived;
    this.#arrived = undefined;
    if (arrived !== undefined) take(arrived);
  }

  /** Nobody wants the connection any more; one that has come and was not taken is closed. */
  cancel(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#take = undefined;
    this.#withdraw(this);
    this.#arrived?.destroy();
    this.#arrived = undefined;
  }
}
