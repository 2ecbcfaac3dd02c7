import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { Transfer } from '../data/transfer.ts';
import { TlsFailedError } from '../errors/errors.ts';
import { ControlTls } from './control-tls.ts';
import { secureDataConnection } from './secure-data-connection.ts';

let listener: Server;
let certificate: { certPem: string; keyPem: string };
let tls: ControlTls;
let client: Socket;
let accepted: Socket;

beforeAll(async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'x' }], {
    keyType: 'ec',
  });
  certificate = { certPem: cert, keyPem: key };
  listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterAll(() => void listener.close());

beforeEach(async () => {
  tls = new ControlTls(certificate, { sessionReuse: 'require' });
  const arrived = once(listener, 'connection');
  client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {});
  [accepted] = (await arrived) as [Socket];
  accepted.on('error', () => {});
});

const CLOCK = { now: Date.now, onProgress: () => {} };

const patient = () => new Transfer({ verb: 'RETR', path: '/a' }, CLOCK);

/** A TLS client; its errors are the server's to tell. */
function secureClient(): void {
  connectTls({ socket: client, rejectUnauthorized: false }).on('error', () => {});
}

test('a client that does not begin is given up after a while, and cut', async () => {
  const protection = { tls, sessionReuse: 'prefer', handshakeTimeoutMs: 30 } as const;
  const secured = secureDataConnection(accepted, protection, patient());
  const closed = once(client.resume(), 'close');
  await expect(secured).rejects.toThrow('took too long');
  await closed;
});

test('an abort ends the handshake, with its reason', async () => {
  const transfer = patient();
  const protection = { tls, sessionReuse: 'prefer' } as const;
  const secured = secureDataConnection(accepted, protection, transfer);
  const closed = once(client.resume(), 'close');
  transfer.abort(new Error('enough'));
  await expect(secured).rejects.toThrow('enough');
  await closed;
});

test('so does one that came before', async () => {
  const transfer = patient();
  transfer.abort(new Error('enough'));
  const secured = secureDataConnection(accepted, { tls, sessionReuse: 'prefer' }, transfer);
  await expect(secured).rejects.toThrow('enough');
});

test('what is no TLS fails', async () => {
  client.write('USER anna\r\n');
  const secured = secureDataConnection(accepted, { tls, sessionReuse: 'prefer' }, patient());
  await expect(secured).rejects.toBeInstanceOf(TlsFailedError);
});

test('a session is asked for where that is required, and named', async () => {
  secureClient();
  const secured = secureDataConnection(accepted, { tls, sessionReuse: 'require' }, patient());
  await expect(secured).rejects.toThrow('--tls-session-reuse require');
});

test.each(['off', 'prefer'] as const)('under %s it is not', async (sessionReuse) => {
  secureClient();
  const secured = await secureDataConnection(accepted, { tls, sessionReuse }, patient());
  expect(secured.isSessionReused()).toBe(false);
  const closed = new Promise((resolve) => client.on('close', resolve));
  secured.destroy();
  await closed;
});

test('what is aborted after the handshake is not cut by it', async () => {
  const transfer = patient();
  secureClient();
  const secured = await secureDataConnection(accepted, { tls, sessionReuse: 'prefer' }, transfer);
  transfer.abort(new Error('enough'));
  expect(secured.destroyed).toBe(false);
  secured.destroy();
});
