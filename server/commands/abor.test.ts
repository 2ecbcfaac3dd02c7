import { once } from 'node:events';
import { open, readdir, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const GIB = 1024 ** 3;

/** Telnet's Interrupt Process and Data Mark, as clients send them before ABOR (RFC 959 §4.1.3). */
const INTERRUPT = Buffer.of(0xff, 0xf4, 0xff, 0xf2);

describe('while data flow', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { quotaBytes: 10 * GIB } });
    await (await server.signUp()).close();
    const file = await open(join(server.rootDir, 'anna', 'big'), 'w');
    await file.truncate(4 * GIB);
    await file.close();
  });
  beforeEach(async () => {
    client = await server.login();
  });
  afterAll(() => server.dispose());

  const code = async (line: string) => (await client.command(line)).code;

  /** Of the next replies. */
  async function codes(count: number): Promise<number[]> {
    const received: number[] = [];
    while (received.length < count) received.push((await client.reply()).code);
    return received;
  }

  const inOneSegment = (words: string) => `${words.replaceAll(' ', '\r\n')}\r\n`;

  /** A download that stands still, because its client does not read. */
  async function heldDownload(): Promise<Socket> {
    const data = await client.openData();
    data.pause();
    expect(await code('RETR big')).toBe(150);
    return data;
  }

  async function runningUpload(name: string): Promise<Socket> {
    const data = await client.openData();
    expect(await code(`STOR ${name}`)).toBe(150);
    data.write(Buffer.alloc(100_000, 'x'));
    await untilMoved(100_000);
    return data;
  }

  /** STAT tells how far a transfer is. */
  async function untilMoved(bytes: number): Promise<void> {
    for (;;) {
      const { lines } = await client.command('STAT');
      if (Number(/: (\d+) bytes/.exec(lines.join('\n'))?.[1]) >= bytes) return;
    }
  }

  async function expectWorking(): Promise<void> {
    expect(await code('NOOP')).toBe(200);
    expect(await code('SIZE big')).toBe(213);
    expect((await client.retrieve('NLST')).closing.code).toBe(226);
  }

  test('NOOP and STAT are answered at once', async () => {
    const data = await heldDownload();
    expect(await code('NOOP')).toBe(200);
    const { code: status, lines } = await client.command('STAT');
    expect(status).toBe(211);
    expect(lines.join('\n')).toMatch(/RETR \/big: \d+ bytes in \d+ ms/);
    await code('ABOR');
    data.destroy();
  });

  test('others wait until the transfer is over', async () => {
    const data = await client.openData();
    expect(await code('STOR waiting')).toBe(150);
    expect(await code('NOOP')).toBe(200);
    client.send('PWD\r\nSTAT waiting\r\n');
    data.end('done');
    expect(await codes(3)).toEqual([226, 257, 213]);
  });

  test.each([
    ['PWD NOOP', [226, 257, 200]],
    ['NOOP PWD NOOP', [200, 226, 257, 200]],
    ['NOOP STAT PWD STAT', [200, 211, 226, 257, 211]],
    ['HELP NOOP QUIT', [226, 214, 200, 221]],
  ])('replies to %s come in the order of the commands', async (words, expected) => {
    const data = await client.openData();
    expect(await code('STOR ordered')).toBe(150);
    client.send(inOneSegment(words));
    // The server has seen them when it answers another client.
    const other = await server.connect();
    for (let round = 0; round < 5; round += 1) await other.command('NOOP');
    data.end('done');
    expect(await codes(expected.length)).toEqual(expected);
  });

  test.each([
    ['ABOR NOOP PWD', [426, 226, 200, 257]],
    ['PWD ABOR', [426, 257, 226]],
    ['NOOP ABOR NOOP', [200, 426, 226, 200]],
    ['STAT PWD ABOR ABOR SYST', [211, 426, 257, 226, 226, 215]],
  ])('ABOR ends a download at once, and %s are answered in order', async (words, expected) => {
    await heldDownload();
    client.send(inOneSegment(words));
    expect(await codes(expected.length)).toEqual(expected);
    await expectWorking();
  });

  test.each([
    ['ABOR', Buffer.from('ABOR\r\n')],
    ['ABOR with the Telnet signals', Buffer.concat([INTERRUPT, Buffer.from('ABOR\r\n')])],
    [
      'ABOR whose Data Mark was urgent',
      Buffer.concat([INTERRUPT.subarray(0, 3), Buffer.from('abor\r\n')]),
    ],
  ])('%s ends a download: 426, then 226, and nothing more', async (_what, octets) => {
    const data = await heldDownload();
    const closed = new Promise((resolve) => data.once('close', resolve));
    client.send(octets);
    expect((await client.reply()).code).toBe(426);
    expect((await client.reply()).code).toBe(226);
    data.resume();
    await closed;
    await expectWorking();
  });

  test('the urgent Data Mark itself may come out of band', async () => {
    await heldDownload();
    client.send(INTERRUPT);
    client.send('ABOR\r\n');
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([426, 226]);
    await expectWorking();
  });

  test('ABOR ends an upload, and what has come can be resumed', async () => {
    const data = await runningUpload('aborted');
    expect(await code('ABOR')).toBe(426);
    expect((await client.reply()).code).toBe(226);
    data.destroy();
    await expectWorking();
    expect((await client.command('SIZE aborted')).lines).toEqual(['213 100000']);
    expect(await readdir(join(server.rootDir, 'anna'))).not.toContain('aborted');
    await client.command('REST 100000');
    expect((await client.store('STOR aborted', 'end')).closing.code).toBe(226);
    expect((await client.command('SIZE aborted')).lines).toEqual(['213 100003']);
  });

  test('ABOR while the data connection is awaited ends the waiting', async () => {
    await client.command('EPSV');
    expect(await code('RETR big')).toBe(150);
    expect(await code('ABOR')).toBe(426);
    expect((await client.reply()).code).toBe(226);
    await expectWorking();
  });

  test('ABOR that comes in the same segment as RETR ends it', async () => {
    const data = await client.openData();
    data.pause();
    client.send('RETR big\r\nPWD\r\nABOR\r\nNOOP\r\n');
    expect(await codes(5)).toEqual([150, 426, 257, 226, 200]);
    await expectWorking();
  });

  test('ABOR ends a checksum', async () => {
    client.send('XMD5 big\r\nABOR\r\n');
    expect((await client.reply()).code).toBe(426);
    expect((await client.reply()).code).toBe(226);
    await expectWorking();
  });

  test('ABOR when nothing runs is 226, once', async () => {
    expect(await code('ABOR')).toBe(226);
    await expectWorking();
  });

  test('QUIT lets an upload end, and then ends the session', async () => {
    const data = await client.openData();
    expect(await code('STOR quitting')).toBe(150);
    client.send('QUIT\r\n');
    data.end('all of it');
    expect((await client.reply()).code).toBe(226);
    expect((await client.reply()).code).toBe(221);
    expect(await client.replyOrEnd()).toBeUndefined();
    client = await server.login();
    expect((await client.retrieve('RETR quitting')).data.toString()).toBe('all of it');
  });

  test.each([
    ['sends it during the transfer', 'STOR standing\r\n', 'QUIT\r\n'],
    ['sends it together with STOR', 'STOR standing\r\nQUIT\r\n', ''],
    ['keeps the control connection busy', 'STOR standing\r\n', 'PWD\r\nQUIT\r\nNOOP\r\n'],
  ])('QUIT ends a transfer that stands still, if the client %s', async (_, first, second) => {
    const impatient = await TestServer.start({ settings: { idleTimeoutMs: 5000 } });
    try {
      client = await impatient.signUp();
      const data = await client.openData();
      client.send(first);
      expect((await client.reply()).code).toBe(150);
      data.write('all of it');
      client.send(second);
      // It waits for 221 before it closes its data connection.
      const dataClosed = once(data, 'close');
      expect((await client.reply()).code).toBe(426);
      if (second.startsWith('PWD')) expect((await client.reply()).code).toBe(257);
      expect((await client.reply()).code).toBe(221);
      expect(await client.replyOrEnd()).toBeUndefined();
      await dataClosed;
      client = await impatient.login();
      expect((await client.command('SIZE standing')).lines).toEqual(['213 9']);
    } finally {
      await impatient.dispose();
    }
  });

  test('a client that resets the data connection is told 426', async () => {
    const data = await runningUpload('reset');
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect((await client.command('SIZE reset')).lines).toEqual(['213 100000']);
    await expectWorking();
  });

  test('a download whose client goes away is 426', async () => {
    const data = await heldDownload();
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    await expectWorking();
  });

  test('an upload whose control connection is lost is kept as a partial', async () => {
    await client.store('STOR kept', 'the old one');
    const data = await runningUpload('kept');
    const lost = once(client.socket, 'close');
    client.socket.destroy();
    await lost;
    data.end();
    client = await server.login();
    while ((await client.command('SIZE kept')).lines[0] !== '213 100000');
    expect(await readFile(join(server.rootDir, 'anna', 'kept'), 'utf8')).toBe('the old one');
  });

  test('half-closing the control connection counts as going away', async () => {
    const data = await runningUpload('half');
    client.socket.end();
    await new Promise((resolve) => setImmediate(resolve));
    data.end();
    expect((await client.reply()).code).toBe(426);
    client = await server.login();
    expect((await client.command('SIZE half')).lines).toEqual(['213 100000']);
  });
});
