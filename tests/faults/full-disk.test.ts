import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { octets } from '../clients/samples.ts';
import { until } from '../journeys/server-process.ts';
import { expectExactQuota, shownSize } from './disk-usage.ts';

const MIB = 1024 * 1024;
const BEFORE = 'the version before';

/** A disk of a few megabytes; undefined where none can be mounted. */
function smallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'myftp-small-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', directory]);
  if (status === 0) return directory;
  rmSync(directory, { recursive: true });
  return undefined;
}

const disk = smallDisk();

if (disk === undefined) {
  test.skip('no small disk can be mounted here: none was filled', () => {});
} else {
  fullDisks(disk);
}

function fullDisks(directory: string): void {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    // Database, logs and files on one disk, as they are by default.
    await mkdir(join(directory, 'data'));
    server = await TestServer.start({ directory: join(directory, 'data') });
    client = await server.signUp();
  });
  afterAll(async () => {
    await server.dispose();
    spawnSync('umount', ['-l', directory]);
    await rm(directory, { recursive: true, force: true });
  });

  test('a full disk is told with 452, leaves the old file, and an upload to be resumed', async () => {
    const content = octets(3 * MIB);
    await client.store('STOR file.bin', BEFORE);
    await writeFile(join(directory, 'ballast'), Buffer.alloc(MIB));
    await fillUp(join(directory, 'more-ballast'), 2 * MIB);

    const { closing } = await client.store('STOR file.bin', content);
    expect(closing.code).toBe(452);
    expect(await readFile(join(server.rootDir, 'anna/file.bin'), 'utf8')).toBe(BEFORE);
    await rm(join(directory, 'more-ballast'));
    await expectExactQuota(client, server.rootDir);
    const sizeBytes = (await shownSize(client, 'file.bin')) ?? -1;
    const { data } = await client.retrieve('RETR file.bin');
    expect(data.equals(content.subarray(0, sizeBytes))).toBe(true);

    await rm(join(directory, 'ballast'));
    await client.command(`REST ${sizeBytes}`);
    const resumed = await client.store('STOR file.bin', content.subarray(sizeBytes));
    expect(resumed.closing.code).toBe(226);
    expect(readFileSync(join(server.rootDir, 'anna/file.bin')).equals(content)).toBe(true);
    await expectExactQuota(client, server.rootDir);
    expect((await client.command('DELE file.bin')).code).toBe(250);
  });

  test('with no octet left at all, files can still be removed, and then stored', async () => {
    await untilFree(3.5 * MIB);
    await client.store('STOR large.bin', octets(MIB));
    await fillUp(join(directory, 'ballast'), 0);
    const { closing } = await client.store('STOR small.bin', octets(100_000));
    expect(closing.code).toBe(452);
    expect((await client.command('DELE large.bin')).code).toBe(250);
    await untilFree(500_000);
    expect((await client.store('STOR small.bin', octets(100_000))).closing.code).toBe(226);
    await rm(join(directory, 'ballast'));
    await expectExactQuota(client, server.rootDir);
    expect((await client.command('NOOP')).code).toBe(200);
  });

  test('what an account has deleted makes room for uploads, and files can be deleted', async () => {
    await server.withDatabase(({ accounts }) => accounts.setKeepDeleted(1, 86_400_000));
    await (await server.login()).command('QUIT');
    await client.command('DELE small.bin');
    await untilFree(3 * MIB);
    for (const name of ['kept.bin', 'old.bin']) await client.store(`STOR ${name}`, octets(MIB));
    expect((await client.command('DELE old.bin')).code).toBe(250);
    await fillUp(join(directory, 'ballast'), 0);
    expect((await client.store('STOR new.bin', octets(500_000))).closing.code).toBe(226);
    expect((await client.command('SITE TRASH')).lines.join()).not.toContain('old.bin');
    await fillUp(join(directory, 'more-ballast'), 0);
    expect((await client.command('DELE kept.bin')).code).toBe(250);
    expect((await client.command('SITE TRASH')).lines.join()).toContain('kept.bin');
    expect((await client.command('SITE TRASH EMPTY')).code).toBe(250);
    for (const name of ['ballast', 'more-ballast']) await rm(join(directory, name));
    await expectExactQuota(client, server.rootDir);
  });

  test('a sign-up on a full disk is 452, changes nothing, and works once there is room', async () => {
    await fillUp(join(directory, 'ballast'), 0);
    const code = await signUpCode('berta');
    await rm(join(directory, 'ballast'));
    expect(code).toBe(452);
    expect(await signUpCode('berta')).toBe(230);
  });

  /** Of the last reply. */
  async function signUpCode(username: string): Promise<number> {
    const stranger = await server.connect();
    const { code } = await stranger.command(`SITE SIGNUP ${username}`);
    return code === 331 ? (await stranger.command('PASS correct horse')).code : code;
  }

  /** Whoever still reads a file that was removed keeps its blocks for so long. */
  function untilFree(bytes: number): Promise<void> {
    return until(async () => {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize > bytes;
    });
  }
}

/** Writes until so much room is left, as far as the disk can tell. */
async function fillUp(path: string, leftBytes: number): Promise<void> {
  const step = 64 * 1024;
  const { stdout } = spawnSync('df', ['--output=avail', '-B1', join(path, '..')]);
  const freeBytes = Number(String(stdout).split('\n')[1]);
  const parts: Buffer[] = [];
  for (let left = freeBytes - leftBytes; left > 0; left -= step) parts.push(Buffer.alloc(step));
  await writeFile(path, Buffer.concat(parts)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC') throw error;
  });
}
