import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

describe('uploads', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.command('MKD directory');
  });
  afterAll(() => server.dispose());

  const onDisk = (name: string) => join(server.rootDir, 'anna', name);
  const content = (name: string) => readFile(onDisk(name), 'utf8');

  async function used(): Promise<number> {
    return Number(/^200 (\d+)/.exec((await client.command('SITE QUOTA')).lines[0] ?? '')?.[1]);
  }

  describe('APPE', () => {
    test('makes a file that is not there', async () => {
      expect((await client.store('APPE new', 'abc')).closing.code).toBe(226);
      expect(await content('new')).toBe('abc');
    });

    test('appends to one that is', async () => {
      await client.store('STOR old', 'abc');
      await client.store('APPE old', 'def');
      await client.store('APPE old', '');
      await client.store('APPE old', 'g');
      expect(await content('old')).toBe('abcdefg');
    });

    test('after REST acts as STOR (RFC 3659 §5.3)', async () => {
      await client.store('STOR marked', 'abcdefg');
      await client.command('REST 4');
      expect((await client.store('APPE marked', 'XY')).closing.code).toBe(226);
      expect(await content('marked')).toBe('abcdXY');
      await client.command('REST 7');
      expect((await client.store('APPE marked', 'Z')).closing.code).toBe(554);
    });

    test('REST serves one APPE, and REST 0 means nothing to it', async () => {
      await client.store('STOR marked', 'abc');
      await client.command('REST 1');
      await client.store('APPE marked', 'd');
      await client.store('APPE marked', 'e');
      await client.command('REST 0');
      await client.store('APPE marked', 'f');
      expect(await content('marked')).toBe('adef');
    });

    test('counts what it appends', async () => {
      await client.store('STOR counted', 'abc');
      const before = await used();
      await client.store('APPE counted', 'defgh');
      expect((await used()) - before).toBe(5);
    });
  });

  describe('STOU', () => {
    test('stores under a name that is new, and tells it before and after', async () => {
      const { opening, closing } = await client.store('STOU', 'abc');
      const name = /^150 FILE: (.+)$/.exec(opening.lines[0] ?? '')?.[1] ?? '';
      expect(closing.code).toBe(226);
      expect(closing.lines[0]).toContain(name);
      expect(await content(name)).toBe('abc');
    });

    test('never twice under the same, even for the same wish', async () => {
      const names = new Set<string>();
      for (let count = 0; count < 5; count += 1) {
        const { opening } = await client.store('STOU directory/wish', 'abc');
        names.add(/^150 FILE: (directory\/wish.+)$/.exec(opening.lines[0] ?? '')?.[1] ?? '');
      }
      expect(names.size).toBe(5);
      expect(await readdir(onDisk('directory'))).toHaveLength(5);
    });
  });

  describe.each(['STOR', 'APPE'])('%s', (verb) => {
    test.each(['directory', '/', '.', '..', 'nowhere/file', 'new-file/x'])(
      'to %s is 550, before 150',
      async (name) => {
        await client.store('STOR new-file', '');
        expect((await client.store(`${verb} ${name}`, 'x')).opening.code).toBe(550);
      },
    );

    test('under a name that is too long is 553', async () => {
      const { closing } = await client.store(`${verb} ${'n'.repeat(256)}`, 'x');
      expect(closing.code).toBe(553);
    });

    test('through a symbolic link changes what it stands for', async () => {
      await client.store('STOR target', '');
      await symlink('target', onDisk(`link-${verb}`));
      await client.store(`${verb} link-${verb}`, verb);
      expect(await content('target')).toBe(verb);
    });

    test('through a symbolic link that leads outside is 550', async () => {
      await symlink('../../outside', onDisk(`out-${verb}`));
      expect((await client.store(`${verb} out-${verb}`, 'x')).opening.code).toBe(550);
      expect(await readdir(server.directory)).not.toContain('outside');
    });
  });

  test('many uploads through links leave no descriptor open', async () => {
    await client.store('STOR target', '');
    await symlink('../target', onDisk('directory/link'));
    const store = () => client.store('STOR directory/link', 'x');
    await store();
    const before = await openDirectories();
    for (let count = 0; count < 20; count += 1) await store();
    expect(await openDirectories()).toBeLessThan(before + 10);
  });

  async function openDirectories(): Promise<number> {
    const { readlink } = await import('node:fs/promises');
    const targets = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    return targets.filter((target) => target.startsWith(onDisk(''))).length;
  }

  describe('ALLO', () => {
    test('is 200 when there is room, and 552 at once when there is not', async () => {
      await server.setQuota('anna', 1_000_000);
      const left = 1_000_000 - (await used());
      expect((await client.command(`ALLO ${left}`)).code).toBe(200);
      expect((await client.command(`ALLO ${left} R 80`)).code).toBe(200);
      expect((await client.command(`ALLO ${left + 1}`)).code).toBe(552);
      expect((await client.command('AVBL')).lines).toEqual([`213 ${left}`]);
    });

    test.each(['ALLO x', 'ALLO -1', 'ALLO 1 R', 'ALLO 1 2', 'ALLO 99999999999999999999'])(
      '%s is 501',
      async (line) => {
        expect((await client.command(line)).code).toBe(501);
      },
    );

    test('AVBL of a missing directory is 550', async () => {
      expect((await client.command('AVBL nowhere')).code).toBe(550);
      expect((await client.command('AVBL directory')).code).toBe(213);
    });
  });
});
