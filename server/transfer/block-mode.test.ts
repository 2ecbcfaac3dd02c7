import { once } from 'node:events';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { block, END_OF_FILE, inBlocks, MAX_BLOCK_BYTES } from '../testing/blocks.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

describe.each(['clear', 'TLS'])('MODE B (RFC 959 §3.4.2), in %s', (how) => {
  let server: TestServer;
  let client: ControlClient;
  let data: BlockClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: how === 'TLS' ? 'optional' : 'off' } });
    await (await server.signUp()).close();
  });
  afterAll(() => server.dispose());

  beforeEach(async () => {
    client = how === 'TLS' ? await server.loginWithTls() : await server.login();
    await client.command('MODE B');
    data = new BlockClient(await client.openData());
  });
  afterEach(async () => {
    data.socket.destroy();
    await client.close();
  });

  const diskPath = (name: string) => join(server.rootDir, 'anna', name);
  const onDisk = (name: string) => readFile(diskPath(name), 'utf8');

  const store = async (name: string, octets: Buffer) => {
    const { code: opening } = await client.command(`STOR ${name}`);
    data.socket.write(octets);
    const { code: closing } = await client.reply();
    return [opening, closing];
  };

  const retrieve = async (command: string) => {
    const { code: opening } = await client.command(command);
    const octets = await data.file();
    const { code: closing } = await client.reply();
    return { codes: [opening, closing], octets };
  };

  test('one data connection serves uploads, downloads and listings: 150 at first, then 125; 250', async () => {
    expect(await store('a', inBlocks('hello'))).toEqual([150, 250]);
    expect(await store('b', inBlocks('world'))).toEqual([125, 250]);
    expect([await onDisk('a'), await onDisk('b')]).toEqual(['hello', 'world']);
    const a = await retrieve('RETR a');
    expect({ ...a, octets: String(a.octets) }).toEqual({ codes: [125, 250], octets: 'hello' });
    expect(String((await retrieve('NLST')).octets)).toBe('a\r\nb\r\n');
  });

  test.each([0, 1, MAX_BLOCK_BYTES, MAX_BLOCK_BYTES + 1, 3_000_000])(
    'a file of %i octets is the same there and back',
    async (sizeBytes) => {
      const octets = Buffer.alloc(sizeBytes, 'the quick brown fox ');
      expect(await store('sized', inBlocks(octets))).toEqual([150, 250]);
      expect((await readFile(diskPath('sized'))).equals(octets)).toBe(true);
      expect((await retrieve('RETR sized')).octets.equals(octets)).toBe(true);
    },
  );

  test('blocks may come cut anywhere, the end in a block of its own, marks and records between', async () => {
    const octets = Buffer.concat([
      block(128, 'ab'),
      block(16, '12345'),
      block(0, ''),
      block(0, 'cd'),
      block(END_OF_FILE, ''),
    ]);
    client.send('STOR cut\r\n');
    for (const octet of octets) {
      data.socket.write(Buffer.from([octet]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([150, 250]);
    expect(await onDisk('cut')).toBe('abcd');
  });

  test('files whose octets come before their commands are told apart', async () => {
    await store('first', inBlocks('1'));
    data.socket.write(Buffer.concat([inBlocks('second'), inBlocks('third')]));
    client.send('STOR second\r\nSTOR third\r\n');
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await client.reply()).code);
    expect(codes).toEqual([125, 250, 125, 250]);
    expect([await onDisk('second'), await onDisk('third')]).toEqual(['second', 'third']);
  });

  test('what came for a refused upload is not taken for another', async () => {
    await store('good', inBlocks('good'));
    const closed = once(data.socket, 'close');
    data.socket.write(inBlocks('of the refused'));
    expect((await client.command('STOR nowhere/file')).code).toBe(550);
    await closed;
    expect((await client.command('STOR good')).code).toBe(425);
    data = new BlockClient(await client.openData());
    expect(await store('good', inBlocks('better'))).toEqual([150, 250]);
    expect(await onDisk('good')).toBe('better');
  });

  test('nor if it is the first of the data connection', async () => {
    if (how === 'clear')
      data.socket.write(Buffer.concat([inBlocks('of the refused'), inBlocks('b')]));
    client.send('STOR nowhere/file\r\nSTOR b\r\n');
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([550, 425]);
  });

  test.each(['RETR kept', 'STOR kept'])(
    '%s at the moment of the end: nobody waits',
    async (command) => {
      await store('kept', inBlocks('kept'));
      data.socket.destroy();
      client.send(`${command}\r\n`);
      let { code } = await client.reply();
      if (code < 200) ({ code } = await client.reply());
      expect([425, 426]).toContain(code);
    },
  );

  test('a client may close as soon as it has sent all', async () => {
    for (let i = 0; i < 4; i++) {
      const octets = Buffer.alloc(4_150_000 + i * 1000, 'x');
      client.send('STOR closed\r\n');
      data.socket.end(inBlocks(octets));
      expect([(await client.reply()).code, (await client.reply()).code]).toEqual([150, 250]);
      expect((await readFile(diskPath('closed'))).length).toBe(octets.length);
      data = new BlockClient(await client.openData());
    }
  });

  test.each([
    ['the data connection ends within a file', (socket: Socket) => socket.end(block(0, 'abc'))],
    [
      'the data connection ends within a block',
      (socket: Socket) => socket.end(block(0, 'abc').subarray(0, 4)),
    ],
    ['octets come that are no blocks', (socket: Socket) => socket.write('GET / HTTP/1.1\r\n')],
    [
      'a block is said to have errors',
      (socket: Socket) => socket.write(block(32 | END_OF_FILE, 'x')),
    ],
  ])('426 when %s, and the file stays as it was', async (_what, spoil) => {
    await store('kept', inBlocks('as it was'));
    await client.command('STOR kept');
    spoil(data.socket);
    expect((await client.reply()).code).toBe(426);
    expect(await onDisk('kept')).toBe('as it was');
    expect((await client.command('RETR kept')).code).toBe(425);
  });

  test('a file that becomes shorter is no whole file', async () => {
    await writeFile(diskPath('long'), '');
    await truncate(diskPath('long'), 256 * 1024 * 1024);
    client.send('RETR long\r\n');
    await once(data.socket, 'data');
    data.socket.pause();
    await truncate(diskPath('long'), 10);
    expect((await client.reply()).code).toBe(150);
    const closed = once(data.socket, 'close');
    data.socket.resume();
    expect((await client.reply()).code).toBe(451);
    await closed;
  });

  test.each(['MODE S', 'EPSV', 'ABOR', 'REIN'])('%s ends the data connection', async (command) => {
    await store('some', inBlocks('some'));
    const closed = once(data.socket, 'close');
    expect((await client.command(command)).code).toBeLessThan(300);
    await closed;
  });

  test('ABOR within a file: 426 and 226', async () => {
    await client.command('STOR aborted');
    data.socket.write(block(0, 'beginning'));
    client.send('ABOR\r\n');
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([426, 226]);
  });

  test('there is no REST, whose octets are those of a stream', async () => {
    await store('rest', inBlocks('0123456789'));
    await client.command('REST 4');
    expect((await client.command('RETR rest')).code).toBe(504);
  });

  test('after MODE S a file is a stream again', async () => {
    await store('stream', inBlocks('stream'));
    await client.command('MODE S');
    const { closing, data: octets } = await client.retrieve('RETR stream');
    expect([closing.code, String(octets)]).toEqual([226, 'stream']);
  });

  test('STAT tells the mode', async () => {
    expect((await client.command('STAT')).lines.join('\n')).toContain('MODE B');
  });
});

describe('PROT', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    await (await server.signUp()).close();
  });
  afterAll(() => server.dispose());

  test('ends a data connection of the other level', async () => {
    const client = await server.connect();
    await client.startTls();
    await client.login('anna', 'correct horse');
    await client.command('MODE B');
    const data = await client.openPlainData();
    await client.command('STOR clear');
    data.resume().write(inBlocks('clear'));
    expect((await client.reply()).code).toBe(250);
    const closed = once(data, 'close');
    await client.command('PBSZ 0');
    expect((await client.command('PROT P')).code).toBe(200);
    await closed;
    expect((await client.command('RETR clear')).code).toBe(425);
  });
});

/** Reads the files that come over a data connection. */
class BlockClient {
  readonly socket: Socket;
  #octets = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket.on('data', (chunk: Buffer) => {
      this.#octets = Buffer.concat([this.#octets, chunk]);
    });
  }

  async file(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (;;) {
      const header = await this.#take(3);
      parts.push(await this.#take(header.readUInt16BE(1)));
      if (header[0] === END_OF_FILE) return Buffer.concat(parts);
    }
  }

  async #take(bytes: number): Promise<Buffer> {
    while (this.#octets.length < bytes) await once(this.socket, 'data');
    const taken = this.#octets.subarray(0, bytes);
    this.#octets = this.#octets.subarray(bytes);
    return taken;
  }
}
