import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

describe('SITE CHMOD', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.store('STOR a.bin', 'octets');
    await client.command('MKD d');
  });
  afterEach(() => server.dispose());

  const home = (name = '') => join(server.rootDir, 'anna', name);
  const modeOf = async (name: string) => ((await stat(home(name))).mode & 0o777).toString(8);
  const answer = async (line: string) => (await client.command(line)).lines.join('\n');

  test.each([
    ['000', '700'],
    ['555', '755'],
    ['077', '777'],
    ['0750', '750'],
  ])('%s of a directory leaves its owner all rights: %s', async (mode, granted) => {
    const note = mode.endsWith(granted) ? '' : ' The owner of a directory keeps all rights to it.';
    expect(await answer(`SITE CHMOD ${mode} d`)).toBe(`200 /d has mode ${granted}.${note}`);
    expect(await modeOf('d')).toBe(granted);
  });

  test.each(['/', '.', 'link'])('of %s, too', async (name) => {
    await symlink('d', home('link'));
    expect(await answer(`SITE CHMOD 000 ${name}`)).toContain('has mode 700.');
    expect((await client.store('STOR b.bin', 'octets')).closing.code).toBe(226);
    expect((await client.store('STOR d/b.bin', 'octets')).closing.code).toBe(226);
  });

  test('takes all rights to a file, which can still be measured, restored and deleted', async () => {
    expect(await answer('SITE CHMOD 000 a.bin')).toBe('200 /a.bin has mode 000.');
    expect(await modeOf('a.bin')).toBe('0');
    expect(await answer('SIZE a.bin')).toBe('213 6');
    expect(await answer('SITE CHMOD 644 a.bin')).toBe('200 /a.bin has mode 644.');
    await client.command('SITE CHMOD 000 a.bin');
    expect(await answer('DELE a.bin')).toMatch(/^250 /);
  });

  test('gives a directory back to its owner that somebody else has locked', async () => {
    await mkdir(home('d/e'));
    await chmod(home('d/e'), 0);
    await chmod(home('d'), 0o755);
    expect(await answer('SITE CHMOD 755 d/e')).toBe('200 /d/e has mode 755.');
    expect(await modeOf('d/e')).toBe('755');
  });

  test('does not reach outside through a link', async () => {
    await writeFile(join(server.directory, 'outside'), '', { mode: 0o644 });
    await symlink(join(server.directory, 'outside'), home('out'));
    expect(await answer('SITE CHMOD 777 out')).toMatch(/^550 /);
    expect((await stat(join(server.directory, 'outside'))).mode & 0o777).toBe(0o644);
  });
});
