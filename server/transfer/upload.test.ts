import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../db/open-database.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;
let client: ControlClient;

beforeAll(async () => {
  server = await TestServer.start();
  client = await server.signUp();
});
afterAll(() => server.dispose());

const code = async (line: string) => (await client.command(line)).code;
const text = async (line: string) => (await client.command(line)).lines.join('\n');
const onDisk = (name: string) => readFile(join(server.rootDir, 'anna', name), 'utf8');

async function used(): Promise<number> {
  return Number(/^200 (\d+)/.exec(await text('SITE QUOTA'))?.[1]);
}

async function download(name: string): Promise<string> {
  return (await client.retrieve(`RETR ${name}`)).data.toString();
}

/** Cuts an upload after `content` has arrived. */
async function cut(line: string, content: string): Promise<void> {
  const data = await client.openData();
  expect(await code(line)).toBe(150);
  data.write(content);
  while (!(await text('STAT')).includes(`: ${content.length} bytes`));
  data.resetAndDestroy();
  expect((await client.reply()).code).toBe(426);
}

describe('a cut upload', () => {
  const OLD = 'the file that was there';

  async function replaced(name: string): Promise<void> {
    await client.store(`STOR ${name}`, OLD);
    await cut(`STOR ${name}`, '0123456789');
  }

  test('is seen by its owner, while the old file stays on disk', async () => {
    await replaced('seen');
    expect(await text('SIZE seen')).toBe('213 10');
    expect(await text('MLST seen')).toContain('size=10;');
    expect((await client.retrieve('MLSD')).data.toString()).toMatch(/size=10;.* seen\r\n/);
    expect((await client.retrieve('LIST')).data.toString()).toMatch(/ 10 .* seen\r\n/);
    expect(await download('seen')).toBe('0123456789');
    expect(await text('XCRC seen')).toMatch(/^250 /);
    expect(await onDisk('seen')).toBe(OLD);
  });

  test('of a new name is listed once, and not on disk', async () => {
    await cut('STOR fresh', 'abc');
    const { data } = await client.retrieve('NLST');
    expect(data.toString().match(/^fresh\r$/gm)).toHaveLength(1);
    expect(await readdir(join(server.rootDir, 'anna'))).not.toContain('fresh');
  });

  test('is carried on by REST and STOR', async () => {
    await replaced('rest');
    await client.command('REST 10');
    expect((await client.store('STOR rest', 'abc')).closing.code).toBe(226);
    expect(await onDisk('rest')).toBe('0123456789abc');
  });

  test('is carried on from before its end, what follows being replaced', async () => {
    await replaced('before');
    await client.command('REST 4');
    expect((await client.store('STOR before', 'x')).closing.code).toBe(226);
    expect(await onDisk('before')).toBe('0123x');
  });

  test('is not carried on from beyond its end', async () => {
    await replaced('beyond');
    await client.command('REST 11');
    expect((await client.store('STOR beyond', 'x')).opening.code).toBe(554);
    expect(await download('beyond')).toBe('0123456789');
  });

  test('is carried on by APPE', async () => {
    await replaced('appe');
    expect((await client.store('APPE appe', 'abc')).closing.code).toBe(226);
    expect(await onDisk('appe')).toBe('0123456789abc');
  });

  test('can be cut again, and again', async () => {
    await cut('STOR again', '01');
    for (const [offset, content] of [
      [2, '23'],
      [4, '45'],
      [3, '345'],
    ] as const) {
      await client.command(`REST ${offset}`);
      await cut('STOR again', content);
    }
    expect(await download('again')).toBe('012345');
    expect((await client.store('APPE again', '6')).closing.code).toBe(226);
    expect(await onDisk('again')).toBe('0123456');
  });

  test('is replaced by a whole upload', async () => {
    await replaced('whole');
    await client.store('STOR whole', 'new');
    expect(await download('whole')).toBe('new');
    expect(await onDisk('whole')).toBe('new');
  });

  test('DELE removes it and the file that it was to replace', async () => {
    await replaced('dele');
    expect(await code('DELE dele')).toBe(250);
    expect(await code('SIZE dele')).toBe(550);
    expect(await code('DELE dele')).toBe(550);
  });

  test('follows RNFR and RNTO, alone and with its directory', async () => {
    await code('MKD directory');
    await cut('STOR directory/part', 'abc');
    await code('RNFR directory/part');
    expect(await code('RNTO directory/moved')).toBe(250);
    await code('RNFR directory');
    expect(await code('RNTO elsewhere')).toBe(250);
    expect(await download('elsewhere/moved')).toBe('abc');
    expect(await code('RMD elsewhere')).toBe(550);
    expect(await code('DELE elsewhere/moved')).toBe(250);
    expect(await code('RMD elsewhere')).toBe(250);
  });

  test('a file that is renamed onto it takes its place', async () => {
    await replaced('onto');
    await client.store('STOR other', 'other');
    await code('RNFR other');
    expect(await code('RNTO onto')).toBe(250);
    expect(await download('onto')).toBe('other');
  });

  test('that nothing of has arrived leaves nothing', async () => {
    await client.store('STOR nothing', OLD);
    const data = await client.openData();
    expect(await code('STOR nothing')).toBe(150);
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect(await download('nothing')).toBe(OLD);
  });

  test('of a resume keeps what it began with', async () => {
    await client.store('STOR resumed', 'abcdef');
    await client.command('REST 3');
    await cut('STOR resumed', 'XY');
    expect(await download('resumed')).toBe('abcXY');
    expect(await onDisk('resumed')).toBe('abcdef');
  });

  test('of STOU leaves nothing', async () => {
    const before = await used();
    await cut('STOU unique', 'abc');
    expect((await client.retrieve('NLST')).data.toString()).not.toContain('unique');
    expect(await used()).toBe(before);
  });

  test('of STOU leaves nothing for a server that is killed, either', async () => {
    const sizeBytes = 3 * 1024 * 1024;
    const data = await client.openData();
    expect(await code('STOU')).toBe(150);
    data.write(Buffer.alloc(sizeBytes));
    while (!(await text('STAT')).includes(`: ${sizeBytes} bytes`));
    const database = openDatabase(join(server.directory, 'myftp.db'));
    const partials = await new PartialRepository(database.queries).listAll();
    await database.close();
    expect(partials.filter(({ path }) => path.includes('upload.'))).toEqual([]);
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
  });

  test('is being carried on by one session at a time', async () => {
    await cut('STOR busy', 'abc');
    const other = await server.login();
    const data = await client.openData();
    expect(await code('APPE busy')).toBe(150);
    expect((await other.store('APPE busy', 'x')).opening.code).toBe(450);
    expect((await other.command('DELE busy')).code).toBe(450);
    await other.command('RNFR busy');
    expect((await other.command('RNTO idle')).code).toBe(450);
    data.end('def');
    expect((await client.reply()).code).toBe(226);
    expect(await onDisk('busy')).toBe('abcdef');
  });

  test('outlives the server', async () => {
    await replaced('outlives');
    const usedBefore = await used();
    await server.stop({ graceMs: 0 });
    server = await TestServer.start({ directory: server.directory });
    client = await server.login();
    expect(await download('outlives')).toBe('0123456789');
    expect(await used()).toBe(usedBefore);
    expect((await client.store('APPE outlives', '.')).closing.code).toBe(226);
    expect(await onDisk('outlives')).toBe('0123456789.');
  });

  test('outlives a crash between the move of its directory and its own', async () => {
    await client.command('MKD old');
    await client.command('MKD old/below');
    await cut('STOR old/below/file', '0123456789');
    await server.stop({ graceMs: 0 });
    await rename(join(server.rootDir, 'anna/old'), join(server.rootDir, 'anna/new'));
    server = await TestServer.start({ directory: server.directory });
    client = await server.login();
    expect(String((await client.retrieve('NLST old/below')).data)).toBe('old/below/file\r\n');
    expect((await client.store('APPE old/below/file', '.')).closing.code).toBe(226);
    expect(await onDisk('old/below/file')).toBe('0123456789.');
  });
});

describe('the quota', () => {
  /** Leaves the account `bytes` of room. */
  async function leaveRoom(bytes: number): Promise<void> {
    await server.setQuota('anna', (await used()) + bytes);
  }

  /** Those that have lost their name would make way. */
  beforeAll(async () => {
    for (const [, id] of (await text('SITE PARTIALS')).matchAll(/X\.id=([^;]+);/g)) {
      expect(await code(`SITE PARTIALS DROP ${id}`)).toBe(250);
    }
  });

  async function room(): Promise<number> {
    return Number((await text('AVBL')).slice(4));
  }

  test('is used up to the last byte', async () => {
    await leaveRoom(10);
    expect((await client.store('STOR exact', '0123456789')).closing.code).toBe(226);
    expect(await room()).toBe(0);
    expect((await client.store('STOR empty', '')).closing.code).toBe(226);
    expect((await client.store('STOR more', 'x')).closing.code).toBe(552);
    await client.command('DELE exact');
  });

  test('552 keeps what fits, and the file that was there', async () => {
    await leaveRoom(10);
    await client.store('STOR over', 'old');
    const { closing } = await client.store('STOR over', '0123456789');
    expect(closing.code).toBe(552);
    expect(await download('over')).toBe('0123456');
    expect(await onDisk('over')).toBe('old');
    expect(await text('SITE QUOTA')).toContain(`${await used()} of ${await used()} bytes used`);
  });

  test('and the upload can be carried on once there is room', async () => {
    await leaveRoom(3);
    await client.command('REST 7');
    expect((await client.store('STOR over', '789')).closing.code).toBe(226);
    expect(await onDisk('over')).toBe('0123456789');
    expect(await room()).toBe(3);
  });

  test('552 comes at once when a resume has no room for its copy', async () => {
    await leaveRoom(5);
    await client.command('REST 8');
    expect((await client.store('STOR over', 'x')).opening.code).toBe(552);
    expect(await onDisk('over')).toBe('0123456789');
  });

  test('is given back by DELE, by a shorter file, by RNTO over a file and by a dropped partial', async () => {
    await leaveRoom(100);
    await client.store('STOR a', 'x'.repeat(40));
    await client.store('STOR b', 'x'.repeat(20));
    expect(await room()).toBe(40);
    await client.store('STOR a', 'x'.repeat(10));
    expect(await room()).toBe(70);
    await code('RNFR a');
    await code('RNTO b');
    expect(await room()).toBe(90);
    await cut('STOR b', 'x'.repeat(5));
    expect(await room()).toBe(85);
    await code('DELE b');
    expect(await room()).toBe(100);
  });

  describe('after a 552', () => {
    const octets = (bytes: number) => Buffer.alloc(bytes, 'x');

    beforeEach(async () => {
      await leaveRoom(100_000);
      await client.store('STOR big', octets(80_000));
    });
    afterEach(async () => {
      for (const name of ['big', 'other', 'small']) await client.command(`DELE ${name}`);
      const listed = await text('SITE PARTIALS');
      for (const [, id] of listed.matchAll(/X\.id=([^;]+);/g)) {
        await client.command(`SITE PARTIALS DROP ${id}`);
      }
      expect(await room()).toBe(100_000);
    });

    test('what is left is told after what fits was kept', async () => {
      const { closing } = await client.store('STOR big', octets(80_000));
      expect(closing.code).toBe(552);
      expect(closing.lines[0]).toMatch(
        /^552 Quota exceeded: 0 of \d+ bytes are left\. 20000 bytes of \/big are kept\.$/,
      );
    });

    test.each(['big', 'other'])(
      'of %s, what was kept makes way for other uploads',
      async (name) => {
        await client.store(`STOR ${name}`, octets(80_000));
        expect(await room()).toBe(20_000);
        expect((await client.command('ALLO 20000')).code).toBe(200);
        expect((await client.command('ALLO 20001')).code).toBe(552);
        expect((await client.store('STOR small', octets(20_000))).closing.code).toBe(226);
        expect(await text('SITE PARTIALS')).toBe('213 No partial uploads.');
        expect(await onDisk('big')).toHaveLength(80_000);
      },
    );

    test('a partial that the connection has cut does not make way', async () => {
      await cut('STOR other', octets(20_000).toString());
      expect((await client.store('STOR small', octets(1))).closing.code).toBe(552);
      expect(await text('SIZE other')).toBe('213 20000');
    });

    test('unless it has lost its name, or is what the upload begins anew', async () => {
      await cut('STOR other', octets(15_000).toString());
      expect((await client.store('STOR other', octets(20_000))).closing.code).toBe(226);
      expect((await client.command('DELE other')).code).toBe(250);
      await cut('STOR small', octets(15_000).toString());
      await cut('STOR small', octets(3000).toString());
      expect((await client.store('STOR other', octets(17_000))).closing.code).toBe(226);
    });

    test('a resume is refused before it sends anything, while there is no room', async () => {
      await client.store('STOR other', octets(80_000));
      await client.command('REST 20000');
      expect((await client.store('STOR other', octets(60_000))).opening.code).toBe(552);
      expect((await client.store('APPE other', octets(60_000))).opening.code).toBe(552);
    });
  });

  test('is exact when many upload at once', async () => {
    const sessions = await Promise.all(Array.from({ length: 5 }, () => server.login()));
    await leaveRoom(250_000);
    const outcomes = await Promise.all(
      sessions.map((session, index) =>
        session.store(`STOR parallel-${index}`, Buffer.alloc(100_000)),
      ),
    );
    // They share what there is, so that perhaps none gets all of its file in.
    const codes = outcomes.map(({ closing }) => closing.code);
    expect(codes.filter((each) => each === 552).length).toBeGreaterThanOrEqual(3);
    expect(codes.filter((each) => each === 226 || each === 552)).toHaveLength(5);
    for (let index = 0; index < 5; index += 1) await client.command(`DELE parallel-${index}`);
    expect(await room()).toBe(250_000);
  });
});

describe('an upload whose size ALLO has declared', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
  });
  afterAll(() => server.dispose());

  const onDisk = (name: string) => readFile(join(server.rootDir, 'anna', name), 'utf8');

  test('that ends before stays a partial, and what was there stays', async () => {
    await client.store('STOR a', 'before');
    await client.command('ALLO 10');
    const { closing } = await client.store('STOR a', '0123456');
    expect(closing.code).toBe(451);
    expect(closing.lines[0]).toContain('Incomplete upload of /a: 7 of 10 bytes');
    expect(await onDisk('a')).toBe('before');
    expect((await client.command('SIZE a')).lines[0]).toBe('213 7');
  });

  test('is whole when a resume reaches the size of all of it', async () => {
    await client.command('ALLO 10');
    await client.command('REST 7');
    expect((await client.store('STOR a', '789')).closing.code).toBe(226);
    expect(await onDisk('a')).toBe('0123456789');
  });

  test('binds the next upload only', async () => {
    await client.command('ALLO 10');
    await client.store('STOR b', '0123456789');
    expect((await client.store('STOR b', 'short')).closing.code).toBe(226);
  });

  test('may be longer than declared', async () => {
    await client.command('ALLO 3');
    expect((await client.store('STOR c', 'longer')).closing.code).toBe(226);
  });

  test('is not measured in TYPE A', async () => {
    await client.command('TYPE A');
    await client.command('ALLO 6');
    expect((await client.store('STOR d', 'a\r\nb\r\n')).closing.code).toBe(226);
    await client.command('TYPE I');
  });
});
