import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { beginUpload } from '../../server/testing/cut-upload.ts';
import { stagedFiles } from '../../server/testing/staged-files.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';
const OCTETS = Buffer.alloc(3_000_000, 'x');

let base: string;
let server: ServerProcess;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-elsewhere-'));
  server = await ServerProcess.start(await ServerProcess.makeDirectory());
});
afterEach(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

test('an upload to a home outside of the root is resumed after a crash, and the quota is exact', async () => {
  const home = join(base, 'site');
  await server.administer(['user', 'add', 'anna', '--home', home, '--password-stdin'], PASSWORD);
  const before = await server.login('anna', PASSWORD);
  await before.store('STOR small', 'octets');
  await beginUpload(before, 'STOR large', OCTETS);
  const staging = join(home, '.myftp-staging/1');
  // STAT tells what has come; the last of it may still be on its way to the disk.
  await until(async () => {
    const [staged = ''] = await stagedFiles(staging);
    return (await stat(staged)).size === OCTETS.length;
  });
  await server.end('SIGKILL');
  server = await ServerProcess.start(server.directory);
  const client = await server.login('anna', PASSWORD);
  const text = async (line: string) => (await client.command(line)).lines.join('\n');
  expect(await text('MLST large')).toContain('X.partial');
  const sizeBytes = Number((await text('SIZE large')).slice(4));
  await until(async () => (await text('SITE QUOTA')).includes(` ${sizeBytes + 6} of `));
  await client.command(`REST ${sizeBytes}`);
  expect((await client.store('STOR large', OCTETS.subarray(sizeBytes))).closing.code).toBe(226);
  expect((await readFile(join(home, 'large'))).equals(OCTETS)).toBe(true);
  expect(await text('SITE QUOTA')).toContain(` ${OCTETS.length + 6} of `);
});
