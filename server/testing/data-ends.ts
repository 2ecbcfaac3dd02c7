import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { generate } from 'selfsigned';
import { SECURE_EVENT } from '../system/node-internals.ts';
import { ControlTls } from '../tls/control-tls.ts';

/** Both ends of one data connection. */
export interface DataEnds {
  /** The client's socket, encrypted or not. */
  readonly client: Socket;
  /** The client's TCP socket. */
  readonly raw: Socket;
  /** The server's socket, which has not been read. */
  readonly accepted: Socket;
}

/** Accepts data connections as passive ports do, for tests without a session. */
export class DataListener {
  readonly #listener: Server;
  readonly #tls: ControlTls;

  private constructor(listener: Server, tls: ControlTls) {
    this.#listener = listener;
    this.#tls = tls;
  }

  static async open(): Promise<DataListener> {
    const name = [{ name: 'commonName', value: 'x' }];
    const { cert: certPem, private: keyPem } = await generate(name, { keyType: 'ec' });
    const listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new DataListener(listener, new ControlTls({ certPem, keyPem }, { sessionReuse: 'off' }));
  }

  /** @param version of TLS; in clear if left out. */
  async connect(version?: SecureVersion): Promise<DataEnds> {
    const arrived = once(this.#listener, 'connection') as Promise<[Socket]>;
    const { port } = this.#listener.address() as AddressInfo;
    const raw = connect({ port, host: '127.0.0.1', noDelay: true });
    raw.on('error', () => {});
    const [plain] = await arrived;
    plain.on('error', () => {});
    if (version === undefined) return { client: raw, raw, accepted: plain };
    const accepted = this.#tls.secureData(plain, undefined);
    accepted.on('error', () => {});
    const versions = { minVersion: version, maxVersion: version };
    const client = connectTls({ ...versions, socket: raw, rejectUnauthorized: false });
    client.on('error', () => {});
    await Promise.all([once(accepted, SECURE_EVENT), once(client, 'secureConnect')]);
    return { client, raw, accepted };
  }

  /** Sockets that it has accepted and that have not closed. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#listener.close(() => resolve()));
  }
}
