import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { ControlTls } from '../tls/control-tls.ts';
import { ConnectionChoice } from './connection-choice.ts';

const LONG_MS = 15_000;

let listener: Server;
let certificate: { certPem: string; keyPem: string };
let sockets: Socket[];
let choices: ConnectionChoice[];

beforeAll(async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'x' }], {
    keyType: 'ec',
  });
  certificate = { certPem: cert, keyPem: key };
  listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterAll(() => void listener.close());

beforeEach(() => {
  sockets = [];
  choices = [];
});
afterEach(() => {
  for (const choice of choices) choice.stop();
  for (const socket of sockets) socket.destroy();
});

/** Both ends of a connection to the passive port. */
async function connection(): Promise<{ client: Socket; accepted: Socket }> {
  const arrived = once(listener, 'connection');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await arrived) as [Socket];
  sockets.push(client, accepted);
  for (const end of [client, accepted]) end.on('error', () => {});
  return { client, accepted };
}

function choose(options: { readonly tls?: ControlTls; readonly holdMs?: number } = {}) {
  const { tls, holdMs = LONG_MS } = options;
  let settle: (outcome: Socket | 'refused') => void = () => {};
  const outcome = new Promise<Socket | 'refused'>((resolve) => {
    settle = resolve;
  });
  const refused = () => settle('refused');
  const choice = new ConnectionChoice({ tls, holdMs, chosen: settle, refused });
  choices.push(choice);
  return { choice, outcome };
}

describe('in clear', () => {
  test('the only connection is chosen after a while', async () => {
    const { choice, outcome } = choose({ holdMs: 1 });
    const { accepted } = await connection();
    choice.add(accepted);
    expect(await outcome).toBe(accepted);
  });

  test('of two connections none is', async () => {
    const { choice, outcome } = choose();
    choice.add((await connection()).accepted);
    choice.add((await connection()).accepted);
    expect(await outcome).toBe('refused');
  });
});

describe('under TLS', () => {
  let tls: ControlTls;
  let session: Buffer;

  beforeEach(async () => {
    tls = new ControlTls(certificate, { sessionReuse: 'prefer' });
    const { client, accepted } = await connection();
    const control = tls.secureControl(accepted);
    sockets.push(control);
    const secured = connectTls({ socket: client, rejectUnauthorized: false });
    [session] = (await once(secured.resume(), 'session')) as [Buffer];
  });

  function shakeHands(client: Socket, resumed?: Buffer): void {
    const options = resumed === undefined ? {} : { session: resumed };
    connectTls({ socket: client, rejectUnauthorized: false, ...options }).on('error', () => {});
  }

  test('the connection that resumes the session is chosen at once, and goes on', async () => {
    const { choice, outcome } = choose({ tls });
    const silent = await connection();
    const stranger = await connection();
    const own = await connection();
    for (const { accepted } of [silent, stranger, own]) choice.add(accepted);
    shakeHands(stranger.client);
    shakeHands(own.client, session);
    const chosen = await outcome;
    expect(chosen).toBe(own.accepted);
    const data = tls.secureData(own.accepted, undefined);
    await once(data, 'secure');
    expect(data.isSessionReused()).toBe(true);
    data.destroy();
  });

  test('of two that do not resume it none is', async () => {
    const { choice, outcome } = choose({ tls, holdMs: 1 });
    for (const { client, accepted } of [await connection(), await connection()]) {
      choice.add(accepted);
      shakeHands(client);
    }
    expect(await outcome).toBe('refused');
  });

  test('a client that has resumed it twice and then does not is expected to for a last time', async () => {
    tls.resumptionDone();
    tls.resumptionDone();
    expect(tls.expectsResumption).toBe(true);
    const { choice, outcome } = choose({ tls, holdMs: 1 });
    const { client, accepted } = await connection();
    choice.add(accepted);
    shakeHands(client);
    expect(await outcome).toBe(accepted);
    expect(tls.expectsResumption).toBe(false);
  });
});
