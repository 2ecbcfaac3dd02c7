import { execFileSync } from 'node:child_process';
import { link, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recount } from '../quota/quota-recount.ts';
import { stagedBytes } from '../testing/bytes-on-disk.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

describe('an upload that is cut after its name has changed', () => {
  let server: TestServer;
  let client: ControlClient;
  let other: ControlClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    other = await server.login();
  });
  afterEach(async () => {
    const [, used] = /^200 (\d+)/.exec(await text('SITE QUOTA')) ?? [];
    const homeBytes = await recount({ directoryPath: join(server.rootDir, 'anna') });
    expect(Number(used)).toBe(homeBytes + (await stagedBytes(server.rootDir)));
    await server.dispose();
  });

  const home = (...names: string[]) => join(server.rootDir, 'anna', ...names);
  const onDisk = (name: string) => readFile(home(name), 'utf8');
  const text = async (line: string) => (await other.command(line)).lines.join('\n');
  const code = async (line: string) => (await other.command(line)).code;
  const read = async (name: string) => String((await other.retrieve(`RETR ${name}`)).data);

  /** An upload of which 999 octets have come, then `change`, then the end of its control connection. */
  async function cutAfter(name: string, change: () => Promise<unknown>): Promise<void> {
    const data = await beginUpload(client, `STOR ${name}`, 'a'.repeat(999));
    await change();
    await client.close();
    data.destroy();
    while (!(await text('SITE PARTIALS')).includes('size=999'));
  }

  async function rnto(from: string, to: string): Promise<void> {
    expect(await code(`RNFR ${from}`)).toBe(350);
    expect(await code(`RNTO ${to}`)).toBe(250);
  }

  const publish = (name: string) => other.store(`STOR ${name}`, 'b'.repeat(15_000));

  test('by another upload: every command sees what was published, and APPE adds to it', async () => {
    await cutAfter('r.bin', () => publish('r.bin'));
    expect(await text('SIZE r.bin')).toBe('213 15000');
    expect(await text('MLST r.bin')).toMatch(/size=15000;/);
    expect(await text('MLST r.bin')).not.toContain('X.partial');
    expect(String((await other.retrieve('LIST')).data)).toMatch(/ 15000 .* r\.bin/);
    expect(await read('r.bin')).toBe('b'.repeat(15_000));
    expect((await other.store('APPE r.bin', 'end')).closing.code).toBe(226);
    expect(await onDisk('r.bin')).toBe(`${'b'.repeat(15_000)}end`);
  });

  test('by an upload that is gone again: the name is free', async () => {
    await cutAfter('r.bin', async () => {
      await publish('r.bin');
      expect(await code('DELE r.bin')).toBe(250);
    });
    expect(await code('SIZE r.bin')).toBe(550);
    expect(await code('MKD r.bin')).toBe(257);
  });

  test('by DELE of the file that it was to replace', async () => {
    await publish('d.bin');
    await cutAfter('d.bin', () => code('DELE d.bin'));
    expect(await code('SIZE d.bin')).toBe(550);
  });

  test('by RNTO away and back again', async () => {
    await publish('a');
    await cutAfter('a', async () => {
      await rnto('a', 'b');
      await rnto('b', 'a');
    });
    expect(await text('SIZE a')).toBe('213 15000');
  });

  test('by RNTO of another file onto it', async () => {
    await publish('b');
    await cutAfter('a', () => rnto('b', 'a'));
    expect(await text('SIZE a')).toBe('213 15000');
  });

  test('by MKD', async () => {
    await cutAfter('a', () => code('MKD a'));
    expect(await text('MLST a')).toContain('type=dir');
    expect(await code('RMD a')).toBe(250);
    expect(await code('SIZE a')).toBe(550);
  });

  test('by MKD and RMD', async () => {
    await cutAfter('a', async () => {
      await code('MKD a');
      await code('RMD a');
    });
    expect(await code('SIZE a')).toBe(550);
  });

  test('by a rename of its directory, in whose place another file is published', async () => {
    await code('MKD d');
    await cutAfter('d/a', async () => {
      await rnto('d', 'e');
      await code('MKD d');
      await publish('d/a');
    });
    expect(await text('SIZE d/a')).toBe('213 15000');
    expect(await text('SIZE e/a')).toBe('213 999');
  });

  test('on the disk, by another file with the same size and times', async () => {
    await publish('a');
    await cutAfter('a', async () => {
      await writeFile(home('b'), 'c'.repeat(15_000));
      await utimes(home('b'), 1, 1);
      await utimes(home('a'), 1, 1);
      await rename(home('b'), home('a'));
    });
    expect(await read('a')).toBe('c'.repeat(15_000));
  });

  test('on the disk, by a write in place that keeps the time of modification', async () => {
    await publish('a');
    await cutAfter('a', async () => {
      execFileSync(
        'sh',
        ['-c', 'touch -r a t; printf c | dd of=a conv=notrunc; touch -r t a; rm t'],
        {
          cwd: home(),
          stdio: 'ignore',
        },
      );
    });
    expect(await read('a')).toBe(`c${'b'.repeat(14_999)}`);
  });

  test('on the disk, by a link to the file that it was to replace, which comes back by another name', async () => {
    await publish('a');
    await cutAfter('a', async () => {
      await link(home('a'), home('b'));
      await rm(home('a'));
    });
    await rnto('b', 'a');
    expect(await text('SIZE a')).toBe('213 15000');
  });

  test('after a crash between the change and what is written down of it', async () => {
    const data = await beginUpload(client, 'STOR big', Buffer.alloc(2_000_000));
    await server.stop({ graceMs: 0 });
    data.destroy();
    await writeFile(home('big'), '');
    server = await TestServer.start({ directory: server.directory });
    other = await server.login();
    expect(await text('SIZE big')).toBe('213 0');
    expect(await text('SITE PARTIALS')).toMatch(/size=2000000;.* \/big\n/);
    expect(await text('SITE PARTIALS')).not.toContain('X.shown');
  });

  describe.each(['SITE CHMOD 600 a', 'MFMT 20200101000000 a', 'SITE UTIME 20200101000000 a'])(
    'but by %s only',
    (line) => {
      test('is seen, and replaces the file', async () => {
        await publish('a');
        await cutAfter('a', async () => expect(await code(line)).toBeLessThan(300));
        expect(await text('SIZE a')).toBe('213 999');
        expect((await other.store('APPE a', 'end')).closing.code).toBe(226);
        expect(await onDisk('a')).toBe(`${'a'.repeat(999)}end`);
      });
    },
  );

  test('of two that run at once, the one that began last is seen, whichever is cut last', async () => {
    const first = await beginUpload(client, 'STOR a', 'first');
    const second = await beginUpload(other, 'STOR a', 'the second');
    second.resetAndDestroy();
    await other.reply();
    first.resetAndDestroy();
    await client.reply();
    expect(await read('a')).toBe('the second');
    expect(await text('SITE PARTIALS')).toMatch(/size=5;[^\n]*\n size=10;[^\n]*X\.shown/);
  });

  test('a newer beginning takes the name of an older one, and nothing that has come is lost', async () => {
    await cutUpload(client, 'STOR a', 'the older one');
    await cutUpload(client, 'STOR a', 'newer');
    expect(await read('a')).toBe('newer');
    const [, id] = /size=13;.*X\.id=([^;]+);/.exec(await text('SITE PARTIALS')) ?? [];
    expect(await code(`SITE PARTIALS RECOVER ${id} b`)).toBe(250);
    expect(await read('b')).toBe('the older one');
  });

  test('a directory whose names were uploaded, cut and deleted can be removed', async () => {
    await code('MKD d');
    await publish('d/a');
    await cutUpload(client, 'STOR d/a', 'cut');
    await cutUpload(client, 'STOR d/b', 'cut');
    const names = String((await other.retrieve('NLST d')).data)
      .split('\r\n')
      .filter(Boolean);
    expect(names.sort()).toEqual(['d/a', 'd/b']);
    for (const name of names) expect(await code(`DELE ${name}`)).toBe(250);
    expect(await code('SIZE d/a')).toBe(550);
    expect(await code('RMD d')).toBe(250);
  });
});
