import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Settings } from '../../server/config/settings.ts';
import { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { latencyOf } from './latency.ts';

const MIB = 1024 * 1024;

describe('the control connection', () => {
  let server: TestServer;
  const start = async (settings: Partial<Settings> = {}, now?: () => number) => {
    server = await TestServer.start({ settings, ...(now && { now }) });
  };
  afterEach(() => server.dispose());

  test('of a client that sends octet by octet ends when it has not logged in in time', async () => {
    await start({ loginTimeoutMs: 300 });
    const client = await server.connect();
    const drip = setInterval(() => client.send('N'), 20);
    expect((await client.reply()).code).toBe(421);
    clearInterval(drip);
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  test('of a client that sends commands and no password ends, too', async () => {
    await start({ loginTimeoutMs: 300 });
    const client = await server.connect();
    const codes: number[] = [];
    while (codes.at(-1) !== 421) codes.push((await client.command('NOOP')).code);
    expect(new Set(codes)).toEqual(new Set([200, 421]));
  });

  test('ends with 421 after 64 KiB without the end of a line', async () => {
    await start();
    const client = await server.connect();
    client.send('x'.repeat(70_000));
    expect((await client.reply()).code).toBe(500);
    expect((await client.reply()).code).toBe(421);
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  test('goes on after one 500 for a line of 4,097 octets', async () => {
    await start();
    const client = await server.connect();
    client.send(`${'x'.repeat(4095)}\r\nNOOP\r\n`);
    expect((await client.reply()).code).toBe(500);
    expect((await client.reply()).code).toBe(200);
  });

  test('ends with 421 for a client that speaks HTTP', async () => {
    await start();
    const client = await server.connect();
    client.send('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nUSER anna\r\nPASS correct horse\r\n');
    expect((await client.reply()).code).toBe(421);
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  test('answers 10,000 commands of one write in their order', async () => {
    await start();
    const client = await server.signUp();
    const offsets = Array.from({ length: 10_000 }, (_, index) => index);
    client.send(offsets.map((offset) => `REST ${offset}\r\n`).join(''));
    const answered: number[] = [];
    for (const _ of offsets) {
      const { lines } = await client.reply();
      answered.push(Number(/at (\d+);/.exec(lines[0] ?? '')?.[1]));
    }
    expect(answered).toEqual(offsets);
  });

  test('of a client that reads nothing costs little memory and no time of others', async () => {
    await start();
    const client = await server.signUp();
    const other = await server.login();
    client.socket.pause();
    const before = process.memoryUsage();
    // Replies of some 20 MiB.
    client.send('STAT\r\n'.repeat(100_000));
    const { medianMs } = await latencyOf(other, { pings: 300 });
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.external).toBeLessThan(
      before.arrayBuffers + before.external + 8 * MIB,
    );
    expect(client.socket.readableLength).toBeLessThan(MIB);
    expect(medianMs).toBeLessThan(100);
  });

  test('is refused with 421 once there are as many sessions as there may be', async () => {
    // Half of them can be held without a login.
    await start({ maxSessions: 10 });
    const greetings = Array.from({ length: 40 }, async () => {
      const socket = connect({ port: server.port, host: '127.0.0.1' });
      const [octets] = (await once(socket, 'data')) as [Buffer];
      const code = octets.toString().slice(0, 3);
      if (code === '421') await once(socket, 'close');
      return { code, socket };
    });
    const met = await Promise.all(greetings);
    expect(met.filter(({ code }) => code === '220')).toHaveLength(5);
    expect(met.filter(({ code }) => code === '421')).toHaveLength(35);
    for (const { socket } of met) socket.destroy();
    await admitted(server);
  });

  test('ends with 421 after 5 wrong passwords, each later than the one before', async () => {
    let nowMs = Date.now();
    await start({}, () => nowMs);
    await (await server.signUp()).close();
    const client = await server.connect();
    const waitedMs: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await client.command('USER anna');
      const startMs = performance.now();
      expect((await client.command(`PASS wrong ${attempt}`)).code).toBe(530);
      waitedMs.push(performance.now() - startMs);
    }
    expect((await client.reply()).code).toBe(421);
    expect(await client.replyOrEnd()).toBeUndefined();
    expect(waitedMs[3]).toBeGreaterThan(249);
    expect(waitedMs[4]).toBeGreaterThan(499);
    // Time heals: the owner of the account does not wait for what somebody tried an hour ago.
    nowMs += 3_600_000;
    const startMs = performance.now();
    await server.login();
    expect(performance.now() - startMs).toBeLessThan(950);
  });
});

/** A client is let in as soon as the server has seen others leave. */
async function admitted({ port }: TestServer): Promise<void> {
  for (;;) {
    const client = await ControlClient.open(port);
    const reply = await client.command('NOOP').catch(() => undefined);
    await client.close();
    if (reply?.code === 200) return;
  }
}
