import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bytesOnDisk, stagedBytes } from '../../server/testing/bytes-on-disk.ts';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { stagedFiles } from '../../server/testing/staged-files.ts';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import { digestOf, octets } from '../clients/samples.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';
const NAMES = Array.from({ length: 8 }, (_, number) => `up-${number}.bin`);
/** Of the uploads, even ones are large enough to be resumed after a crash. */
const SENT_BYTES = NAMES.map((_, number) => (number % 2 === 0 ? 2_500_000 : 100_000));

describe('a server that is killed in the middle of eight uploads', () => {
  let server: ServerProcess;

  beforeEach(async () => {
    server = await ServerProcess.start(await ServerProcess.makeDirectory());
  });
  afterEach(() => server.dispose());

  test('has exact quotas, no stray files and resumable uploads when it is started again', async () => {
    const owner = await server.signUp('anna', PASSWORD);
    await owner.store('STOR up-0.bin', 'the version before');
    await owner.store('STOR other.bin', octets(1_234_567));
    const contents = NAMES.map(() => octets(3_000_000));
    await Promise.all(NAMES.map((name, at) => upload(name, contents[at], SENT_BYTES[at] ?? 0)));
    const rootDir = join(server.directory, 'files');
    const staging = join(rootDir, '.myftp-staging');
    const [account = ''] = await readdir(staging);
    expect(await stagedFiles(join(staging, account))).toHaveLength(NAMES.length);
    // STAT tells what has come; the last of it may still be on its way to the disk.
    const sentBytes = SENT_BYTES.reduce((sum, bytes) => sum + bytes, 0);
    await until(async () => (await stagedBytes(rootDir)) === sentBytes);
    await server.end('SIGKILL');

    server = await ServerProcess.start(server.directory);
    await untilMeasured(server.directory);
    const again = await server.login('anna', PASSWORD);
    const onDisk = await bytesOnDisk(rootDir);
    expect(await usedBytes(again)).toBe(onDisk);
    expect(await readFile(server.home('anna', 'up-0.bin'), 'utf8')).toBe('the version before');
    const sizes = await Promise.all(NAMES.map((name) => sizeOf(again, name)));
    expect(sizes).toEqual(SENT_BYTES.map((bytes) => (bytes > 1_048_576 ? bytes : undefined)));
    expect(await stagedFiles(join(staging, account))).toHaveLength(NAMES.length / 2);

    for (const [at, name] of NAMES.entries()) {
      const resumeAt = sizes[at] ?? 0;
      const content = contents[at] ?? Buffer.alloc(0);
      await again.command(`REST ${resumeAt}`);
      const { closing } = await again.store(`STOR ${name}`, content.subarray(resumeAt));
      expect(closing.code).toBe(226);
      expect(digestOf(await readFile(server.home('anna', name)))).toBe(digestOf(content));
    }
    expect(await stagedFiles(join(staging, account))).toEqual([]);
    expect(await usedBytes(again)).toBe(8 * 3_000_000 + 1_234_567);
  });

  /** Sends a part of a file, leaves the upload open and waits until the server has it. */
  async function upload(name: string, content: Buffer | undefined, bytes: number): Promise<void> {
    const client = await server.login('anna', PASSWORD);
    const data = await client.openData();
    await client.command(`STOR ${name}`);
    data.write((content ?? Buffer.alloc(0)).subarray(0, bytes));
    const received = `STOR /${name}: ${bytes} bytes`;
    await until(async () => (await client.command('STAT')).lines.join().includes(received));
  }
});

async function usedBytes(client: ControlClient): Promise<number> {
  const { lines } = await client.command('SITE QUOTA');
  return Number(/^200 (\d+) of /.exec(lines[0] ?? '')?.[1]);
}

async function sizeOf(client: ControlClient, name: string): Promise<number | undefined> {
  const { code, lines } = await client.command(`SIZE ${name}`);
  return code === 213 ? Number(lines[0]?.slice(4)) : undefined;
}
