import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient, ReceivedReply } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { only, VERSIONS } from './tls-version.ts';

const SECRET = randomBytes(100_000);

/** Octets that arrive until the connection is closed. */
function gather(connection: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  connection.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => connection.on('close', () => resolve(Buffer.concat(chunks))));
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function prepared(sessionReuse: 'off' | 'prefer' | 'require'): Promise<TestServer> {
  const settings = { tls: 'optional', tlsSessionReuse: sessionReuse, implicitPort: 0 } as const;
  const server = await TestServer.start({ settings });
  const anna = await server.signUp('anna');
  await anna.store('STOR secret', SECRET);
  await anna.close();
  await (await server.signUp('mallory')).close();
  return server;
}

/** The next transfer of `client`, over a connection that somebody has made of its passive port. */
async function transferOver(
  client: ControlClient,
  command: string,
  open: (port: number) => Promise<Socket>,
): Promise<{ opening: ReceivedReply; closing: ReceivedReply; received: Buffer }> {
  const data = await open(await client.passivePort());
  const received = gather(data);
  const opening = await client.command(command);
  const closing = await client.reply();
  return { opening, closing, received: await received };
}

describe.each(VERSIONS)('under require, in %s,', (version) => {
  let server: TestServer;
  let victim: ControlClient;
  let attacker: ControlClient;

  beforeAll(async () => {
    server = await prepared('require');
    victim = await server.loginWithTls(only(version));
    attacker = await server.loginWithTls(only(version), 'mallory');
  });
  afterAll(() => server.dispose());

  test('many data connections in a row resume the session of their control connection', async () => {
    for (let round = 0; round < 100; round += 1) {
      const { closing } = await victim.retrieve('MLSD');
      expect([round, closing.code]).toEqual([round, 226]);
    }
    expect((await victim.store('STOR mine', SECRET)).closing.code).toBe(226);
    expect((await victim.retrieve('RETR mine')).data.equals(SECRET)).toBe(true);
  });

  test('four at once do, too', async () => {
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => server.loginWithTls(only(version))),
    );
    const all = await Promise.all(clients.map((client) => client.retrieve('RETR secret')));
    expect(all.map(({ closing }) => closing.code)).toEqual([226, 226, 226, 226]);
  });

  test('those of the implicit port do, too', async () => {
    const client = await server.connectTls(only(version));
    await client.login('anna', 'correct horse');
    await client.protectData();
    expect((await client.retrieve('RETR secret')).data.equals(SECRET)).toBe(true);
  });

  test('a client of the implicit port has its session before the greeting', async () => {
    const address = { host: '127.0.0.1', port: server.implicitPort };
    const client = connectTls({ ...only(version), ...address, rejectUnauthorized: false });
    const events: string[] = [];
    client.on('session', () => events.push('session'));
    const [greeting] = await once(client, 'data');
    expect(String(greeting)).toContain('220 ');
    expect(events).toContain('session');
    client.destroy();
  });

  test('the session of a data connection serves the next', async () => {
    const first = victim.protect(await connected(await victim.passivePort()));
    let session = victim.tlsSession;
    first.on('secureConnect', () => {
      session = first.getSession();
    });
    first.on('session', (newer: Buffer) => {
      session = newer;
    });
    const closed = gather(first);
    await victim.command('MLSD');
    expect((await victim.reply()).code).toBe(226);
    await closed;
    const { closing } = await transferOver(victim, 'RETR secret', async (port) =>
      victim.protect(await connected(port), session),
    );
    expect(closing.code).toBe(226);
  });

  test.each(['RETR secret', 'LIST', 'MLSD', 'NLST'])(
    '%s over a connection without a session is 522, names the setting, and sends nothing',
    async (command) => {
      const { closing, received } = await transferOver(victim, command, async (port) =>
        victim.protect(await connected(port), 'none'),
      );
      expect(closing.code).toBe(522);
      expect(closing.lines[0]).toContain('--tls-session-reuse require');
      expect(received).toHaveLength(0);
      expect((await victim.retrieve('RETR secret')).closing.code).toBe(226);
    },
  );

  test('an attacker that is first at the port, with a session of its own, gets no octet', async () => {
    const { closing, received } = await transferOver(victim, 'RETR secret', async (port) =>
      attacker.protect(await connected(port)),
    );
    expect(closing.code).toBe(522);
    expect(received).toHaveLength(0);
    expect((await victim.retrieve('RETR secret')).data.equals(SECRET)).toBe(true);
  });

  test.each(['own', 'none'] as const)(
    'nor can it upload in the name of its victim, with %s session',
    async (whose) => {
      const port = await victim.passivePort();
      const session = whose === 'own' ? attacker.tlsSession : 'none';
      const data = attacker.protect(await connected(port), session);
      const closed = gather(data);
      data.end('forged');
      expect((await victim.command('STOR planted')).code).toBe(150);
      expect((await victim.reply()).code).toBe(522);
      await closed;
      expect((await victim.command('SIZE planted')).code).toBe(550);
    },
  );

  test('a refused connection is given no session that a second one could resume', async () => {
    const sessions: Buffer[] = [];
    const refused = await transferOver(victim, 'RETR secret', async (port) => {
      const data = attacker.protect(await connected(port), 'none');
      return data.on('session', (session: Buffer) => sessions.push(session));
    });
    expect(refused.closing.code).toBe(522);
    for (const session of sessions) {
      const { closing, received } = await transferOver(victim, 'RETR secret', async (port) =>
        attacker.protect(await connected(port), session),
      );
      expect(closing.code).toBe(522);
      expect(received).toHaveLength(0);
    }
    expect(sessions).toEqual([]);
  });

  test('nor over the victim’s own file, which stays as it was', async () => {
    const data = attacker.protect(await connected(await victim.passivePort()));
    const closed = gather(data);
    data.end('forged');
    await victim.command('STOR secret');
    expect((await victim.reply()).code).toBe(522);
    await closed;
    expect((await victim.retrieve('RETR secret')).data.equals(SECRET)).toBe(true);
  });

  test('a session of the victim’s other control connection does not count either', async () => {
    const other = await server.loginWithTls(only(version));
    const { closing } = await transferOver(victim, 'RETR secret', async (port) =>
      victim.protect(await connected(port), other.tlsSession),
    );
    expect(closing.code).toBe(522);
  });

  test('a control connection cannot be resumed by another', async () => {
    const client = await server.connect();
    await client.startTls({
      ...only(version),
      ...(victim.tlsSession && { session: victim.tlsSession }),
    });
    expect((client.socket as TLSSocket).isSessionReused()).toBe(false);
  });

  test('data in clear, where the client wants that, is not concerned', async () => {
    const client = await server.connect();
    await client.startTls(only(version));
    await client.login('anna', 'correct horse');
    expect((await client.retrieve('RETR secret')).closing.code).toBe(226);
  });
});

describe('under require, in TLS 1.2 without tickets,', () => {
  let server: TestServer;
  const options = { ...only('TLSv1.2'), secureOptions: 0x4000 /* SSL_OP_NO_TICKET */ };

  beforeAll(async () => {
    server = await prepared('require');
  });
  afterAll(() => server.dispose());

  test('sessions are resumed by their id, many times', async () => {
    const client = await server.loginWithTls(options);
    for (let round = 0; round < 20; round += 1) {
      const { closing } = await client.retrieve('MLSD');
      expect([round, closing.code]).toEqual([round, 226]);
    }
    expect((await client.retrieve('RETR secret')).data.equals(SECRET)).toBe(true);
  });

  test('a refused connection leaves no session that its client could resume', async () => {
    const victim = await server.loginWithTls(options);
    const attacker = await server.loginWithTls(options, 'mallory');
    let session: Buffer | undefined;
    await transferOver(victim, 'RETR secret', async (port) => {
      const data = attacker.protect(await connected(port), 'none');
      // A client knows id and secret of its session before the handshake has ended.
      return data.on('keylog', () => {
        session = data.getSession() ?? session;
      });
    });
    expect(session).toBeDefined();
    const { closing, received } = await transferOver(victim, 'RETR secret', async (port) =>
      attacker.protect(await connected(port), session),
    );
    expect(closing.code).toBe(522);
    expect(received).toHaveLength(0);
  });

  test('an id of another control connection is not known', async () => {
    const victim = await server.loginWithTls(options);
    const attacker = await server.loginWithTls(options, 'mallory');
    const { closing, received } = await transferOver(victim, 'RETR secret', async (port) =>
      attacker.protect(await connected(port)),
    );
    expect(closing.code).toBe(522);
    expect(received).toHaveLength(0);
  });
});

describe.each(['off', 'prefer'] as const)('under %s', (sessionReuse) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await prepared(sessionReuse);
  });
  afterAll(() => server.dispose());

  test.each(VERSIONS)('%s transfers work with the session and without', async (version) => {
    const client = await server.loginWithTls(only(version));
    for (const session of [client.tlsSession, 'none'] as const) {
      const { closing, received } = await transferOver(client, 'RETR secret', async (port) =>
        client.protect(await connected(port), session),
      );
      expect(closing.code).toBe(226);
      expect(received.equals(SECRET)).toBe(true);
    }
  });

  test.each(VERSIONS)('%s tickets are sent only where sessions may be resumed', async (version) => {
    const client = await server.loginWithTls(only(version));
    const data = client.protect(await connected(await client.passivePort()), 'none');
    const sessions = client.tlsSession === undefined ? [] : ['of the control connection'];
    data.on('session', () => sessions.push('of the data connection'));
    const closed = gather(data);
    await client.command('RETR secret');
    const ticket = (client.socket as TLSSocket).getTLSTicket() ?? data.getTLSTicket();
    await client.reply();
    await closed;
    // In TLS 1.2 sessions have ids, too.
    const hasTickets = version === 'TLSv1.2' ? ticket !== undefined : sessions.length > 0;
    expect(hasTickets).toBe(sessionReuse === 'prefer');
  });

  test.each(VERSIONS)('%s sessions are resumed only where that is wanted', async (version) => {
    const client = await server.loginWithTls(only(version));
    const data = client.protect(await connected(await client.passivePort()));
    const resumed = once(data, 'secureConnect').then(() => data.isSessionReused());
    const closed = gather(data);
    await client.command('RETR secret');
    await client.reply();
    await closed;
    expect(await resumed).toBe(sessionReuse === 'prefer');
  });
});
