import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { silentLogs } from '../logging/logging.ts';
import { TestServer } from '../testing/test-server.ts';

describe('a session', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await TestServer.start({ settings: { maxSessionsPerUser: 1 } });
    await (await server.signUp()).close();
    // A new start has no password in memory, so that looking at it takes a while.
    await server.stop();
    const { directory, settings } = server;
    server = await TestServer.start({ directory, settings });
  });
  afterEach(() => server.dispose());

  test('whose client has left while its password was looked at counts no longer', async () => {
    const arriving = await server.connect();
    const leaving = await server.connect();
    await leaving.command('USER anna');
    leaving.send('PASS correct horse\r\n');
    // The server is at it: it has answered what came later.
    await arriving.command('NOOP');
    leaving.socket.resetAndDestroy();
    const endMs = Date.now() + 30_000;
    let code = 0;
    while (code !== 230 && Date.now() < endMs) {
      await arriving.command('USER anna');
      code = (await arriving.command('PASS correct horse')).code;
    }
    expect(code).toBe(230);
  });

  test('takes no more commands from a client that does not read its replies', async () => {
    const client = await server.login();
    await client.openData();
    expect((await client.command('STOR a')).code).toBe(150);
    client.socket.pause();
    const chunk = Buffer.from('STAT\r\n'.repeat(10_000));
    const chunks = 200;
    let taken = 0;
    const sendOn = () => {
      taken += 1;
      if (taken < chunks) client.socket.write(chunk, sendOn);
    };
    client.socket.write(chunk, sendOn);
    const other = await server.connect();
    for (let unchanged = 0, before = 0; unchanged < 100 && taken < chunks; before = taken) {
      await other.command('NOOP');
      unchanged = taken === before ? unchanged + 1 : 0;
    }
    // The rest stays in the network.
    expect(taken).toBeLessThan(chunks);
  });

  test('says goodbye to a client that goes on sending', async () => {
    const client = await server.connect();
    const other = await server.connect();
    client.socket.pause();
    for (const line of ['QUIT', 'NOOP', 'NOOP', 'NOOP']) {
      client.send(`${line}\r\n`);
      // By then the server has seen it, and said and done what it does about it.
      for (let round = 0; round < 20; round += 1) await other.command('NOOP');
    }
    client.socket.resume();
    expect((await client.replyOrEnd())?.code).toBe(221);
  });

  test('whose client has left is no fault of the server', async () => {
    const faults: string[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) });
    const watched = await TestServer.start({ logs: { ...silentLogs(), server: log } });
    for (let round = 0; round < 20; round += 1) {
      const client = await watched.connect();
      client.send('SYST\r\n'.repeat(200));
      await client.reply();
      client.socket.resetAndDestroy();
    }
    await watched.dispose();
    expect(faults).toEqual([]);
  });
});
