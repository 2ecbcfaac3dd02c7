import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { startErrorFor } from '../errors/start-error.ts';
import { KEEP_ALIVE_IDLE_SECONDS, setListenerOptions } from './listener-options.ts';

interface ControlPortsOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Port of implicit TLS; undefined for none. */
  readonly implicitPort: number | undefined;
  /** Connections that wait until the server is ready; later ones are closed. */
  readonly maxSessions: number;
  readonly log: Logger;
}

type Accept = (socket: Socket) => void;

/**
 * The ports of the control connections. They are bound early in the start, so that a port in use ends it
 * before anything is changed; clients that connect earlier than {@link accept} wait for their greeting.
 */
export class ControlPorts {
  readonly plain: Server;
  readonly implicit: Server | undefined;
  readonly #maxHeld: number;
  #onConnection = (socket: Socket, listener: Server): void => this.#hold(socket, listener);
  readonly #held: { readonly socket: Socket; readonly listener: Server }[] = [];

  private constructor({ implicitPort, maxSessions, log }: ControlPortsOptions) {
    this.#maxHeld = maxSessions;
    this.plain = this.#createListener(log);
    this.implicit = implicitPort === undefined ? undefined : this.#createListener(log);
  }

  /** @throws StartError that names the port at fault. */
  static async open(options: ControlPortsOptions): Promise<ControlPorts> {
    const { host, port, implicitPort } = options;
    const ports = new ControlPorts(options);
    try {
      const setting = `--host ${host} --port ${port}`;
      await listenOn(ports.plain, { host, port, setting });
      if (ports.implicit !== undefined && implicitPort !== undefined) {
        const implicitSetting = `--implicit-port ${implicitPort}`;
        await listenOn(ports.implicit, { host, port: implicitPort, setting: implicitSetting });
      }
      return ports;
    } catch (error) {
      ports.close();
      throw error;
    }
  }

  get port(): number {
    return (this.plain.address() as AddressInfo).port;
  }

  get implicitPort(): number | undefined {
    return (this.implicit?.address() as AddressInfo | null | undefined)?.port;
  }

  /** Hands over the clients that wait and those that will come. */
  accept(handlers: { readonly plain: Accept; readonly implicit: Accept }): void {
    const accept = (socket: Socket, listener: Server) =>
      (listener === this.plain ? handlers.plain : handlers.implicit)(socket);
    this.#onConnection = accept;
    for (const { socket, listener } of this.#held.splice(0)) {
      socket.off('error', ignore);
      accept(socket, listener);
    }
  }

  /** Stops listening, and closes the connections that still wait. */
  close(): void {
    for (const listener of this.#listeners()) if (listener.listening) listener.close();
    for (const { socket } of this.#held.splice(0)) socket.destroy();
  }

  #listeners(): readonly Server[] {
    return this.implicit === undefined ? [this.plain] : [this.plain, this.implicit];
  }

  #createListener(log: Logger): Server {
    // Half-open: a client that has sent all of its commands still gets its replies. Nothing is read before the greeting.
    const listener = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true });
    listener.on('connection', (socket) => this.#onConnection(socket, listener));
    listener.on('listening', () => {
      setOptions(listener, log);
      listener.on('error', (err) => log.error({ err }, 'listener failed'));
    });
    return listener;
  }

  #hold(socket: Socket, listener: Server): void {
    if (this.#held.length >= this.#maxHeld) {
      socket.destroy();
      return;
    }
    socket.on('error', ignore);
    this.#held.push({ socket, listener });
  }
}

/** Before the first connection: the event comes in the same turn as the bind. */
function setOptions(listener: Server, log: Logger): void {
  if (setListenerOptions(listener)) return;
  log.warn('options of control connections could not be set');
  listener.on('connection', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_IDLE_SECONDS * 1000));
}

async function listenOn(
  listener: Server,
  { setting, ...address }: { host: string; port: number; setting: string },
): Promise<void> {
  listener.listen(address);
  try {
    await once(listener, 'listening');
  } catch (error) {
    throw startErrorFor({ setting, error });
  }
}

/** A connection that is lost while it waits is noticed when it is handed over. */
function ignore(): void {}
