import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recount } from '../quota/quota-recount.ts';
import { stagedBytes } from '../testing/bytes-on-disk.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

/** Permissions do not bind root; an attribute of some file systems does. */
const isRoot = process.getuid?.() === 0;

describe('a partial upload', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.signUp();
  });
  afterEach(async () => {
    expect(await used()).toBe(await bytesOnDisk());
    await server.dispose();
  });

  const home = (...names: string[]) => join(server.rootDir, 'anna', ...names);
  const code = async (line: string) => (await client.command(line)).code;
  const text = async (line: string) => (await client.command(line)).lines.join('\n');
  const onDisk = (name: string) => readFile(home(name), 'utf8');
  const read = async (name: string) => (await client.retrieve(`RETR ${name}`)).data.toString();

  async function used(): Promise<number> {
    return Number(/^200 (\d+)/.exec(await text('SITE QUOTA'))?.[1]);
  }

  async function bytesOnDisk(): Promise<number> {
    return (await recount({ directoryPath: home() })) + (await stagedBytes(server.rootDir));
  }

  async function rnto(from: string, to: string): Promise<number> {
    expect(await code(`RNFR ${from}`)).toBe(350);
    return code(`RNTO ${to}`);
  }

  describe('in a directory that is reached by a link, too', () => {
    beforeEach(async () => {
      await mkdir(home('d'));
      await symlink('d', home('link'));
      await symlink('d/a', home('to-a'));
      await client.store('STOR d/a', 'the file that was there');
      await cutUpload(client, 'STOR link/a', '0123');
    });

    test.each(['d/a', 'link/a', 'to-a'])('is the same by %s', async (name) => {
      expect(await text(`SIZE ${name}`)).toBe('213 4');
      expect(await text(`MLST ${name}`)).toContain('X.partial=1;');
      expect(await read(name)).toBe('0123');
      await client.command('REST 4');
      expect((await client.store(`STOR ${name}`, '45')).closing.code).toBe(226);
      expect(await onDisk('d/a')).toBe('012345');
      expect(await readdir(home())).toEqual(['d', 'link', 'to-a']);
    });

    test.each(['d', 'link'])('is listed in %s', async (name) => {
      const { data } = await client.retrieve(`MLSD ${name}`);
      expect(data.toString()).toMatch(/size=4;.*X\.partial=1; a\r\n/);
    });

    test('is dropped by DELE through the link, and not by DELE of a link to it', async () => {
      expect(await code('DELE to-a')).toBe(250);
      expect(await text('SIZE d/a')).toBe('213 4');
      expect(await code('DELE link/a')).toBe(250);
      expect(await code('SIZE d/a')).toBe(550);
    });

    test('goes along with the directory, and not with the link', async () => {
      expect(await rnto('link', 'other')).toBe(250);
      expect(await text('SIZE d/a')).toBe('213 4');
      expect(await rnto('d', 'e')).toBe(250);
      expect(await text('SIZE e/a')).toBe('213 4');
    });
  });

  test('is renamed with the file that it was to replace', async () => {
    await client.store('STOR a', 'before');
    await client.store('STOR b', 'another');
    await cutUpload(client, 'STOR a', '0123');
    expect(await rnto('a', 'b')).toBe(250);
    expect(await code('SIZE a')).toBe(550);
    expect(await read('b')).toBe('0123');
    expect(await onDisk('b')).toBe('before');
    expect((await client.store('APPE b', '45')).closing.code).toBe(226);
    expect(await onDisk('b')).toBe('012345');
  });

  test('without a file leaves that of its new name on the disk', async () => {
    await client.store('STOR b', 'another');
    await cutUpload(client, 'STOR a', '0123');
    expect(await rnto('a', 'b')).toBe(250);
    expect(await read('b')).toBe('0123');
    expect(await onDisk('b')).toBe('another');
  });

  test('takes its new name from another, which SITE PARTIALS still lists', async () => {
    await cutUpload(client, 'STOR a', '0123');
    await cutUpload(client, 'STOR b', 'other');
    expect(await rnto('a', 'b')).toBe(250);
    expect(await read('b')).toBe('0123');
    expect(await code('SIZE a')).toBe(550);
    const listed = (await client.command('SITE PARTIALS')).lines.slice(1, -1);
    expect(listed).toEqual([
      expect.stringMatching(/size=5;.*;X\.id=[^;]+; \/b$/),
      expect.stringMatching(/size=4;.*;X\.shown=1;X\.id=[^;]+; \/b$/),
    ]);
    expect(listed[0]).not.toContain('X.shown');
  });

  test('is not renamed to the name of a directory', async () => {
    await cutUpload(client, 'STOR a', '0123');
    await client.command('MKD d');
    expect(await rnto('a', 'd')).toBe(550);
    expect(await read('a')).toBe('0123');
  });

  test('of a name that became a directory is recovered without what that holds', async () => {
    const data = await beginUpload(client, 'STOR a', '0123');
    const other = await server.login();
    await other.command('MKD a');
    await cutUpload(other, 'STOR a/b', '01');
    data.end();
    expect((await client.reply()).code).toBe(550);
    const id = /size=4;.*X\.id=([^;]+); \/a$/m.exec(await text('SITE PARTIALS'))?.[1];
    expect(await code(`SITE PARTIALS RECOVER ${id} c`)).toBe(250);
    expect(await read('c')).toBe('0123');
    expect(await read('a/b')).toBe('01');
  });

  test('keeps MKD from its name', async () => {
    await cutUpload(client, 'STOR a', '0123');
    expect(await code('MKD a')).toBe(550);
    expect(await code('DELE a')).toBe(250);
    expect(await code('MKD a')).toBe(257);
  });

  test('goes along with a directory far above it, while it is carried on', async () => {
    for (const name of ['d', 'd/e']) await client.command(`MKD ${name}`);
    await cutUpload(client, 'STOR d/e/a', '0123');
    const data = await beginUpload(client, 'APPE d/e/a', '45');
    const other = await server.login();
    await other.command('RNFR d');
    expect((await other.command('RNTO f')).code).toBe(250);
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect(await read('f/e/a')).toBe('012345');
    expect((await client.store('APPE f/e/a', '6')).closing.code).toBe(226);
    expect(await onDisk('f/e/a')).toBe('0123456');
  });

  test('of an upload whose directory was renamed lies in the renamed one', async () => {
    await client.command('MKD d');
    const data = await beginUpload(client, 'STOR d/a', '0123');
    const other = await server.login();
    await other.command('RNFR d');
    expect((await other.command('RNTO e')).code).toBe(250);
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect(await read('e/a')).toBe('0123');
  });

  test('keeps its directory from RMD, which names it', async () => {
    await client.command('MKD d');
    await cutUpload(client, 'STOR d/a', '0123');
    expect(await text('RMD d')).toBe(
      '550 /d: directory not empty, it holds the partial upload /d/a.',
    );
    expect(await code('DELE d/a')).toBe(250);
    expect(await code('RMD d')).toBe(250);
  });

  test('need not fear that its directory goes while it is being sent', async () => {
    await client.command('MKD d');
    const data = await beginUpload(client, 'STOR d/a', '0123');
    const other = await server.login();
    const { lines } = await other.command('RMD d');
    expect(lines).toEqual(['550 /d: directory not empty, /d/a is being uploaded.']);
    data.end('45');
    expect((await client.reply()).code).toBe(226);
    expect(await onDisk('d/a')).toBe('012345');
  });

  describe('whose directory somebody has removed from the disk', () => {
    beforeEach(async () => {
      await client.command('MKD d');
      await cutUpload(client, 'STOR d/a', '0123');
      await rm(home('d'), { recursive: true });
    });

    test('can be read and deleted', async () => {
      expect(await text('SIZE d/a')).toBe('213 4');
      expect(await read('d/a')).toBe('0123');
      expect(await used()).toBe(4);
      expect(await code('DELE d/a')).toBe(250);
      expect(await used()).toBe(0);
      expect(await code('DELE d/a')).toBe(550);
    });

    test('can be renamed to where there is a directory', async () => {
      expect(await rnto('d/a', 'b')).toBe(250);
      expect((await client.store('APPE b', '45')).closing.code).toBe(226);
      expect(await onDisk('b')).toBe('012345');
    });

    test('is carried on once the directory is there again', async () => {
      expect((await client.store('APPE d/a', '45')).opening.code).toBe(550);
      await client.command('MKD d');
      expect((await client.store('APPE d/a', '45')).closing.code).toBe(226);
      expect(await onDisk('d/a')).toBe('012345');
    });

    test('loses its name to a directory that gets it', async () => {
      await client.command('MKD e');
      await cutUpload(client, 'STOR e/a', '01');
      expect(await rnto('e', 'd')).toBe(250);
      expect(await read('d/a')).toBe('01');
      expect(await used()).toBe(6);
    });
  });

  describe('whose directory forbids changes meanwhile', () => {
    beforeEach(() => client.command('MKD d'));
    const whereThatWorks = canForbidChanges() ? test : test.skip;
    whereThatWorks('stays, and is carried on when it may (as root: needs chattr)', async () => {
      const data = await beginUpload(client, 'STOR d/a', '0123');
      forbidChanges(home('d'));
      data.end();
      const { code } = await client.reply();
      allowChanges(home('d'));
      expect(code).toBe(550);
      expect(await read('d/a')).toBe('0123');
      expect((await client.store('APPE d/a', '45')).closing.code).toBe(226);
      expect(await onDisk('d/a')).toBe('012345');
    });
  });

  test('is left where the directory was when that goes while it is sent', async () => {
    await client.command('MKD d');
    const data = await beginUpload(client, 'STOR d/a', '0123');
    await rm(home('d'), { recursive: true });
    data.end();
    expect((await client.reply()).code).toBe(550);
    expect(await read('d/a')).toBe('0123');
    expect(await code('DELE d/a')).toBe(250);
    expect(await used()).toBe(0);
  });

  test('is in the directory that somebody has moved on the disk while it was sent', async () => {
    await client.command('MKD d');
    const data = await beginUpload(client, 'STOR d/a', '0123');
    await rename(home('d'), home('e'));
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect(await read('e/a')).toBe('0123');
  });
});

function forbidChanges(directory: string): void {
  if (isRoot) execFileSync('chattr', ['+i', directory], { stdio: 'ignore' });
  else chmodSync(directory, 0o500);
}

function allowChanges(directory: string): void {
  if (isRoot) execFileSync('chattr', ['-i', directory], { stdio: 'ignore' });
  else chmodSync(directory, 0o700);
}

function canForbidChanges(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'myftp-forbid-'));
  try {
    forbidChanges(directory);
    allowChanges(directory);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
