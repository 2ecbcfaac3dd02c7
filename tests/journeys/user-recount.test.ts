import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { octets } from '../clients/samples.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';

describe('myftp-server user recount', () => {
  let server: ServerProcess;
  let anna: ControlClient;

  beforeEach(async () => {
    server = await ServerProcess.start(await ServerProcess.makeDirectory());
    anna = await server.signUp('anna', PASSWORD);
    await anna.store('STOR a.bin', octets(100_000));
  });
  afterEach(() => server.dispose());

  async function used(client: ControlClient): Promise<number> {
    const { lines } = await client.command('SITE QUOTA');
    return Number(/^200 (\d+) of /.exec(lines[0] ?? '')?.[1]);
  }

  test('corrects the charge of a running server, in the middle of an upload', async () => {
    await writeFile(server.home('anna', 'from-outside'), octets(50_000));
    const uploader = await server.login('anna', PASSWORD);
    const data = await uploader.openData();
    await uploader.command('STOR b.bin');
    data.write(octets(30_000));
    await until(async () =>
      (await uploader.command('STAT')).lines.join().includes('STOR /b.bin: 30000 bytes'),
    );
    expect(await server.administer(['user', 'recount', 'anna'])).toEqual({
      code: 0,
      stdout:
        'anna uses 180000 bytes in 3 files and directories; before: 130000 bytes in 2 files and directories.\n',
      stderr: '',
    });
    data.end(octets(20_000));
    expect((await uploader.reply()).code).toBe(226);
    expect(await used(anna)).toBe(200_000);
    await anna.command('DELE from-outside');
    expect(await used(anna)).toBe(150_000);
  });

  test('counts all accounts with --all, and finds nothing to change', async () => {
    await server.signUp('bert', PASSWORD);
    const { code, stdout } = await server.administer(['user', 'recount', '--all']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      'anna uses 100000 bytes in 1 file or directory; as before.\nbert uses 0 bytes in 0 files and directories; as before.\n',
    );
  });

  test('measures by itself when no server runs', async () => {
    await server.end('SIGTERM');
    await rm(server.home('anna', 'a.bin'));
    expect(await server.administer(['user', 'recount', 'anna'])).toEqual({
      code: 0,
      stdout:
        'anna uses 0 bytes in 0 files and directories; before: 100000 bytes in 1 file or directory.\n',
      stderr: '',
    });
  });

  test('leaves it to the next start when the last server did not end in order', async () => {
    await server.end('SIGKILL');
    const { code, stderr } = await server.administer(['user', 'recount', '--all']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'myftp-server: The last server did not end in order, and none is running. Start the server: it recounts the accounts that were in use.\n',
    );
  });

  test('needs a name or --all, and not both', async () => {
    for (const args of [[], ['anna', '--all']]) {
      const { code, stderr } = await server.administer(['user', 'recount', ...args]);
      expect(code).toBe(2);
      expect(stderr).toContain('Name an account, or use --all for all of them.');
    }
    const { code, stderr } = await server.administer(['user', 'recount', 'nobody']);
    expect([code, stderr]).toEqual([1, 'myftp-server: No such account: "nobody".\n']);
  });
});
