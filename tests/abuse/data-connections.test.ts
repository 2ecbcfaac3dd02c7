import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';

describe('data connections', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.store('STOR secret', 'for anna only');
  });
  afterAll(() => server.dispose());

  test('from another address are dropped, and the right one still gets through', async () => {
    const { lines } = await client.command('EPSV');
    const port = Number(/\|\|\|(\d+)\|/.exec(lines[0] ?? '')?.[1]);
    for (const localAddress of ['127.0.0.2', '127.0.0.3', '127.0.0.2']) {
      const thief = connect({ host: '127.0.0.1', port, localAddress });
      const received: Buffer[] = [];
      thief.on('data', (octets: Buffer) => received.push(octets)).on('error', () => {});
      await once(thief, 'close');
      expect(received).toEqual([]);
    }
    const data = connect({ host: '127.0.0.1', port });
    const received = once(data, 'data');
    expect((await client.command('RETR secret')).code).toBe(150);
    expect(String(await received)).toBe('for anna only');
    expect((await client.reply()).code).toBe(226);
  });

  test('another session of the same address does not get them', async () => {
    const other = await server.login();
    const mine = await client.openData();
    const others = await other.openData();
    const received = once(mine, 'data');
    expect((await client.command('RETR secret')).code).toBe(150);
    expect(String(await received)).toBe('for anna only');
    expect((await client.reply()).code).toBe(226);
    expect(others.bytesRead).toBe(0);
    others.destroy();
  });

  test.each([
    'PORT 10,0,0,1,200,10',
    'PORT 127,0,0,2,200,10',
    'PORT 8,8,8,8,0,25',
    'PORT 127,0,0,1,0,22',
    'PORT 127,0,0,1,3,255',
    'PORT 127,0,0,1,0,0',
    'PORT 127,0,0,1,256,1',
    'PORT 255,255,255,255,200,10',
    'EPRT |1|10.0.0.1|5000|',
    'EPRT |1|127.0.0.1|22|',
    'EPRT |1|127.0.0.1|65536|',
    'EPRT |1|localhost|5000|',
    'EPRT |1|2130706433|5000|',
    'EPRT |2|::ffff:10.0.0.1|5000|',
    'EPRT |2|::1|1023|',
  ])('%s is refused: the server attacks nobody for its clients', async (command) => {
    expect((await client.command(command)).code).toBe(501);
    expect((await client.command('LIST')).code).toBe(425);
  });
});
