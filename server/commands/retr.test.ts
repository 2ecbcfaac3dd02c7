import { randomBytes } from 'node:crypto';
import { open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const CONTENT = randomBytes(3_000_000);

describe('RETR', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.store('STOR file', CONTENT);
    await client.store('STOR small', '0123456789');
    await client.store('STOR empty', '');
    await client.command('MKD directory');
  });
  afterAll(() => server.dispose());

  const onDisk = (name: string) => join(server.rootDir, 'anna', name);

  async function restarted(offset: number | string, line: string) {
    expect((await client.command(`REST ${offset}`)).code).toBe(350);
    return client.retrieve(line);
  }

  test('sends a file, octet by octet', async () => {
    const { opening, closing, data } = await client.retrieve('RETR file');
    expect([opening.code, closing.code]).toEqual([150, 226]);
    expect(data.equals(CONTENT)).toBe(true);
  });

  test('tells the size in 150, as clients expect it', async () => {
    const { opening } = await client.retrieve('RETR file');
    expect(opening.lines[0]).toContain(`(${CONTENT.length} bytes)`);
  });

  describe('after REST, be it 0, as aria2 sends it', () => {
    /** What arrives on the control connection at a time. */
    async function segments(command: string): Promise<string[]> {
      await client.command(command);
      const received: string[] = [];
      const note = (text: string) => received.push(text);
      client.socket.on('data', note);
      await client.retrieve('RETR small');
      client.socket.removeListener('data', note);
      return received.filter((text) => /^(150|226)/m.test(text));
    }

    test('150 and 226 never arrive together', async () => {
      for (let round = 0; round < 20; round += 1) {
        const received = await segments('REST 0');
        expect(received.map((text) => text.slice(0, 3))).toEqual(['150', '226']);
      }
    });

    test('they do without: that is faster', async () => {
      await segments('REST 0');
      const [first] = await segments('NOOP');
      expect(first).toMatch(/^150 .*\r\n226 .*\r\n$/);
    });

    test('a client that leaves its data connection open gets 226, too', async () => {
      await client.command('REST 4');
      const data = await client.openData();
      data.allowHalfOpen = true;
      const text = data.setEncoding('latin1').toArray();
      expect((await client.command('RETR small')).code).toBe(150);
      expect((await client.reply()).code).toBe(226);
      expect((await text).join('')).toBe('456789');
      data.destroy();
    });
  });

  test('an empty file is empty', async () => {
    const { closing, data } = await client.retrieve('RETR empty');
    expect(closing.code).toBe(226);
    expect(data).toHaveLength(0);
  });

  test.each(['RETR nothing', 'RETR nothing/at/all', 'RETR directory', 'RETR small/x', 'RETR /'])(
    '%s is 550, before 150',
    async (line) => {
      const { opening } = await client.retrieve(line);
      expect(opening.code).toBe(550);
      expect(opening.lines[0]).not.toContain(server.directory);
    },
  );

  test('without a data connection it is 425', async () => {
    const other = await server.login();
    expect((await other.command('RETR small')).code).toBe(425);
  });

  test.each([
    'say "hello"',
    ' a  b ',
    '-l -a',
    'back\\slash',
    'grüße 日本 🎉',
    '%s%n',
    "it's; $(x)",
  ])('any name will do: %j', async (name) => {
    await client.store(`STOR ${name}`, name);
    expect((await client.retrieve(`RETR ${name}`)).data.toString()).toBe(name);
  });

  test('a symbolic link inside is followed, one that leads outside is not there', async () => {
    await symlink('small', onDisk('link'));
    await symlink('/etc/passwd', onDisk('escape'));
    expect((await client.retrieve('RETR link')).data.toString()).toBe('0123456789');
    expect((await client.retrieve('RETR escape')).opening.code).toBe(550);
  });

  describe('after REST', () => {
    test.each([0, 1, 65_535, 65_536, 1_048_576, 2_999_999, 3_000_000])(
      '%i begins there',
      async (offset) => {
        const { closing, data } = await restarted(offset, 'RETR file');
        expect(closing.code).toBe(226);
        expect(data.equals(CONTENT.subarray(offset))).toBe(true);
      },
    );

    test('beyond the end is 554, and the next transfer begins at the start', async () => {
      expect((await restarted(11, 'RETR small')).opening.code).toBe(554);
      expect((await client.retrieve('RETR small')).data.toString()).toBe('0123456789');
    });

    test('it serves one transfer', async () => {
      expect((await restarted(5, 'RETR small')).data.toString()).toBe('56789');
      expect((await client.retrieve('RETR small')).data.toString()).toBe('0123456789');
    });

    test('a listing uses it up', async () => {
      await restarted(5, 'NLST');
      expect((await client.retrieve('RETR small')).data.toString()).toBe('0123456789');
    });

    test.each(['REST x', 'REST -1', 'REST 1.5', 'REST 1 2', 'REST 9007199254740992', 'REST 0x10'])(
      '%s is 501',
      async (line) => {
        expect((await client.command(line)).code).toBe(501);
      },
    );

    test('the largest marker is 2^53-1', async () => {
      expect((await restarted('9007199254740991', 'RETR small')).opening.code).toBe(554);
    });

    test('offsets beyond 4 GiB are exact', async () => {
      const size = 5 * 1024 ** 3;
      const file = await open(onDisk('huge'), 'w');
      await file.truncate(size);
      await file.write('the end', size - 7);
      await file.close();
      expect((await client.command('SIZE huge')).lines).toEqual([`213 ${size}`]);
      expect((await restarted(size - 7, 'RETR huge')).data.toString()).toBe('the end');
    });
  });

  describe('after RANG', () => {
    test.each([
      ['2 4', '234'],
      ['0 0', '0'],
      ['9 9', '9'],
      ['5 1000', '56789'],
    ])('%s sends both ends and what lies between', async (range, expected) => {
      expect((await client.command(`RANG ${range}`)).code).toBe(350);
      expect((await client.retrieve('RETR small')).data.toString()).toBe(expected);
      expect((await client.retrieve('RETR small')).data.toString()).toBe('0123456789');
    });

    test('1 0 means the whole file again', async () => {
      await client.command('RANG 2 4');
      expect((await client.command('RANG 1 0')).code).toBe(350);
      expect((await client.retrieve('RETR small')).data.toString()).toBe('0123456789');
    });

    test('beyond the end is 554', async () => {
      await client.command('RANG 11 12');
      expect((await client.retrieve('RETR small')).opening.code).toBe(554);
    });

    test.each(['RANG 4 2', 'RANG x', 'RANG 1', 'RANG 1 2 3', 'RANG -1 2'])(
      '%s is 501',
      async (line) => {
        expect((await client.command(line)).code).toBe(501);
      },
    );
  });

  test('a file that grows meanwhile is sent as it was', async () => {
    await writeFile(onDisk('growing'), Buffer.alloc(2_000_000, 'a'));
    const data = await client.openData();
    data.pause();
    expect((await client.command('RETR growing')).code).toBe(150);
    await writeFile(onDisk('growing'), Buffer.alloc(10, 'b'), { flag: 'a' });
    let bytes = 0;
    for await (const chunk of data) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(2_000_000);
    expect((await client.reply()).code).toBe(226);
  });
});
