import { chmod, chown, readdir, readFile, rename, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { stagedFiles } from '../../server/testing/staged-files.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { octets } from '../clients/samples.ts';
import { until } from '../journeys/server-process.ts';
import { expectExactQuota, shownSize } from './disk-usage.ts';

const NOBODY = 65_534;
const BEFORE = 'the version before';

describe('the directory under an upload', () => {
  const content = octets(300_000);
  let server: TestServer;
  let client: ControlClient;
  let observer: ControlClient;
  let data: Socket;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    observer = await server.login();
    await client.command('MKD docs');
    await client.store('STOR docs/file.bin', BEFORE);
    data = await client.openData();
    await client.command('STOR docs/file.bin');
    data.write(content.subarray(0, 100_000));
    const received = 'STOR /docs/file.bin: 100000 bytes';
    await until(async () => (await client.command('STAT')).lines.join().includes(received));
  });
  afterEach(() => server.dispose());

  const home = (path = '') => join(server.rootDir, 'anna', path);

  /** Sends the rest. @returns the code of the reply. */
  async function finish(): Promise<number> {
    data.end(content.subarray(100_000));
    const { code } = await client.reply();
    expect((await client.command('NOOP')).code).toBe(200);
    return code;
  }

  /**
   * The file of the name has changed on the disk, so the partial shows under a name only when its owner recovers it. All
   * has come, so a resume has nothing left to send.
   */
  async function expectRecoverable(): Promise<void> {
    const listed = (await client.command('SITE PARTIALS')).lines.join();
    const [id] = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(listed) ?? [];
    const recovered = await client.command(`SITE PARTIALS RECOVER ${id} docs/recovered.bin`);
    expect(recovered.code).toBe(250);
    expect(await shownSize(client, 'docs/recovered.bin')).toBe(content.length);
    await client.command(`REST ${content.length}`);
    expect((await client.store('STOR docs/recovered.bin', '')).closing.code).toBe(226);
    expect((await readFile(home('docs/recovered.bin'))).equals(content)).toBe(true);
    expect(await stagedFiles(join(server.rootDir, '.myftp-staging/1'))).toEqual([]);
  }

  test('that may no longer be written to: 550, the old file stays, the upload can be recovered', async () => {
    const restore = await loseRoot(server.directory);
    try {
      await chmod(home('docs'), 0o555);
      expect(await finish()).toBe(550);
      expect(await readFile(home('docs/file.bin'), 'utf8')).toBe(BEFORE);
      await expectExactQuota(client, server.rootDir);
      await chmod(home('docs'), 0o755);
      await expectRecoverable();
      await expectExactQuota(client, server.rootDir);
    } finally {
      restore();
    }
  });

  test('that somebody removes from the disk: 550, and the upload can be recovered once it is back', async () => {
    await rm(home('docs'), { recursive: true });
    expect(await finish()).toBe(550);
    expect((await client.command('MKD docs')).code).toBe(257);
    await expectRecoverable();
  });

  test('that another session renames: the file is published where the directory is now', async () => {
    await observer.command('RNFR docs');
    expect((await observer.command('RNTO moved')).code).toBe(250);
    expect(await finish()).toBe(226);
    expect(await readdir(home())).toEqual(['moved']);
    expect((await readFile(home('moved/file.bin'))).equals(content)).toBe(true);
    await expectExactQuota(client, server.rootDir);
  });

  test('that leaves the account’s tree: 550, and nothing is written outside', async () => {
    await rename(home('docs'), join(server.directory, 'outside'));
    expect(await finish()).toBe(550);
    const outside = join(server.directory, 'outside');
    expect(await readdir(outside)).toEqual(['file.bin']);
    expect(await readFile(join(outside, 'file.bin'), 'utf8')).toBe(BEFORE);
  });

  test('that is renamed, then the upload is cut: nothing is published, and the quota is exact', async () => {
    await observer.command('RNFR docs');
    expect((await observer.command('RNTO moved')).code).toBe(250);
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect(await readFile(home('moved/file.bin'), 'utf8')).toBe(BEFORE);
    await expectExactQuota(client, server.rootDir);
  });
});

/** Root may write everywhere: goes on as somebody else. @returns what makes it root again. */
async function loseRoot(directory: string): Promise<() => void> {
  if (process.geteuid?.() !== 0) return () => {};
  const entries = await readdir(directory, { recursive: true });
  for (const path of ['', ...entries]) await chown(join(directory, path), NOBODY, NOBODY);
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  return () => {
    process.seteuid?.(0);
    process.setegid?.(0);
  };
}
