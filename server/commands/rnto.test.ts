import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

describe('changing the tree', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
  });
  afterAll(() => server.dispose());

  const onDisk = (name: string) => join(server.rootDir, 'anna', name);
  const code = async (line: string) => (await client.command(line)).code;
  const text = async (line: string) => (await client.command(line)).lines.join('\n');

  async function used(): Promise<number> {
    return Number(/^200 (\d+)/.exec(await text('SITE QUOTA'))?.[1]);
  }

  async function rename(from: string, to: string): Promise<number> {
    expect(await code(`RNFR ${from}`)).toBe(350);
    return code(`RNTO ${to}`);
  }

  describe('directories', () => {
    test('MKD tells the path in quotes, those inside doubled', async () => {
      expect(await text('MKD say "hello"')).toBe('257 "/say ""hello""" created.');
      expect(await text('XMKD plain')).toMatch(/^257 "\/plain"/);
    });

    test('MKD of a name that is there, or below nothing, is 550', async () => {
      await client.store('STOR a-file', '');
      for (const name of ['plain', 'a-file', 'nowhere/deep', '/', 'a-file/x']) {
        expect(await code(`MKD ${name}`)).toBe(550);
      }
    });

    test('PWD, CWD and CDUP, under both of their names', async () => {
      await code('MKD d1');
      await code('MKD d1/d2');
      expect(await code('CWD d1/d2')).toBe(250);
      expect(await text('PWD')).toMatch(/^257 "\/d1\/d2"/);
      expect(await code('CDUP')).toBe(250);
      expect(await text('XPWD')).toMatch(/^257 "\/d1"/);
      expect(await code('XCUP')).toBe(250);
      expect(await code('XCUP')).toBe(250);
      expect(await text('PWD')).toMatch(/^257 "\/"/);
      expect(await code('XCWD /d1')).toBe(250);
      expect(await code('CWD ../../..')).toBe(250);
      expect(await text('PWD')).toMatch(/^257 "\/"/);
    });

    test('CWD to what is no directory is 550', async () => {
      for (const name of ['a-file', 'nowhere', 'a-file/..x', '../nowhere']) {
        expect(await code(`CWD ${name}`)).toBe(550);
      }
    });

    test('CWD without a pathname leads home', async () => {
      for (const line of ['CWD', 'XCWD', 'CWD ']) {
        await code('CWD d1/d2');
        expect(await code(line)).toBe(250);
        expect(await text('PWD')).toMatch(/^257 "\/"/);
      }
    });

    test('PWD doubles quotes', async () => {
      await code('CWD say "hello"');
      expect(await text('PWD')).toMatch(/^257 "\/say ""hello""" ?/);
      await code('CWD /');
    });

    test('RMD removes an empty directory, and only that', async () => {
      await code('MKD full');
      await client.store('STOR full/x', 'x');
      expect(await code('RMD full')).toBe(550);
      expect(await code('RMD a-file')).toBe(550);
      expect(await code('RMD nowhere')).toBe(550);
      expect(await code('RMD /')).toBe(550);
      await code('DELE full/x');
      expect(await code('XRMD full')).toBe(250);
    });
  });

  describe('DELE', () => {
    test('removes a file and gives its space back', async () => {
      const before = await used();
      await client.store('STOR gone', '12345');
      expect(await used()).toBe(before + 5);
      expect(await code('DELE gone')).toBe(250);
      expect(await used()).toBe(before);
      expect(await code('DELE gone')).toBe(550);
    });

    test('of a directory is 550', async () => {
      await code('MKD d3');
      expect(await code('DELE d3')).toBe(550);
      expect(await code('DELE /')).toBe(550);
    });

    test('of a symbolic link leaves what it stands for, and the quota', async () => {
      await client.store('STOR target', '12345');
      await symlink('target', onDisk('link'));
      const before = await used();
      expect(await code('DELE link')).toBe(250);
      expect(await used()).toBe(before);
      expect(await readFile(onDisk('target'), 'utf8')).toBe('12345');
    });
  });

  describe('RNFR and RNTO', () => {
    test('give a file another name', async () => {
      await client.store('STOR from', 'abc');
      expect(await rename('from', 'to')).toBe(250);
      expect(await readFile(onDisk('to'), 'utf8')).toBe('abc');
      expect(await code('SIZE from')).toBe(550);
    });

    test('RNTO without RNFR is 503, and a pair serves once', async () => {
      expect(await code('RNTO x')).toBe(503);
      expect(await rename('to', 'to2')).toBe(250);
      expect(await code('RNTO x')).toBe(503);
      expect(await rename('to2', 'to')).toBe(250);
    });

    test('other commands may come between', async () => {
      await code('MKD between');
      const others = ['NOOP', 'STAT', 'TYPE I', 'PWD', 'SIZE to', 'MLST to', 'CWD between'];
      expect(await code('RNFR to')).toBe(350);
      for (const line of [...others, 'EPSV', 'FEAT', 'PASS x', 'nonsense', 'RNTO'])
        await code(line);
      expect(await code('RNTO moved')).toBe(250);
      expect(await readFile(onDisk('between/moved'), 'utf8')).toBe('abc');
      await code('CWD /');
      expect(await rename('between/moved', 'to')).toBe(250);
    });

    test('another RNFR takes the place of the one before, also if it fails', async () => {
      expect(await code('RNFR to')).toBe(350);
      expect(await code('RNFR nowhere')).toBe(550);
      expect(await code('RNTO x')).toBe(503);
    });

    test('a new login ends the pair', async () => {
      expect(await code('RNFR to')).toBe(350);
      await client.login('anna', 'correct horse');
      expect(await code('RNTO x')).toBe(503);
    });

    test('RNFR of nothing is 550', async () => {
      expect(await code('RNFR nowhere')).toBe(550);
      expect(await code('RNTO x')).toBe(503);
    });

    test('over a file replaces it, and gives its space back', async () => {
      await client.store('STOR small', '123');
      await client.store('STOR large', '1234567890');
      const before = await used();
      expect(await rename('small', 'large')).toBe(250);
      expect(await readFile(onDisk('large'), 'utf8')).toBe('123');
      expect(await used()).toBe(before - 10);
    });

    test('onto itself changes nothing', async () => {
      const before = await used();
      expect(await rename('large', '/./large')).toBe(250);
      expect(await used()).toBe(before);
    });

    test('moves a directory with what is in it', async () => {
      await code('MKD m1');
      await client.store('STOR m1/x', 'x');
      const before = await used();
      expect(await rename('m1', 'm2')).toBe(250);
      expect(await readFile(onDisk('m2/x'), 'utf8')).toBe('x');
      expect(await used()).toBe(before);
    });

    test.each([
      ['large', 'm2'],
      ['m2', 'large'],
      ['m2', 'd3'],
      ['large', 'nowhere/x'],
      ['/', 'x'],
      ['large', '/'],
    ])('%s to %s is 550', async (from, to) => {
      expect(await rename(from, to)).toBe(550);
    });

    test('a directory into itself is refused', async () => {
      expect([550, 553]).toContain(await rename('m2', 'm2/inside'));
    });

    test('into a directory that leads outside is 550', async () => {
      await mkdir(join(server.directory, 'outside'));
      await symlink('../../outside', onDisk('way-out'));
      await writeFile(join(server.directory, 'outside', 'foreign'), 'foreign');
      expect(await rename('large', 'way-out/large')).toBe(550);
      expect(await code('RNFR way-out/foreign')).toBe(550);
      expect(await code('MKD way-out/x')).toBe(550);
      expect(await code('DELE way-out/foreign')).toBe(550);
      expect(await readdir(join(server.directory, 'outside'))).toEqual(['foreign']);
    });
  });
});
