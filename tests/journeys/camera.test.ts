import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import { builtServer } from '../built-programs.ts';
import { isInstalled } from '../clients/program.ts';
import { ServerProcess } from './server-process.ts';

const PASSWORD = 'correct horse';
const IMAGE_BYTES = 100_000;
const run = promisify(execFile);

let directory: string;
let flags: readonly string[];
let metricsPort: number;
let server: ServerProcess;

beforeAll(async () => {
  directory = await ServerProcess.makeDirectory();
  metricsPort = await freePort();
  const hook = join(directory, 'on-delete');
  await writeFile(hook, `#!/bin/sh\necho "$MYFTP_REASON $MYFTP_PATH" >> ${directory}/told\n`);
  await chmod(hook, 0o755);
  flags = [
    ...['--quota', '1MB', '--tls', 'off', '--signup', 'open', '--keep-deleted', '7d'],
    ...['--metrics', `127.0.0.1:${metricsPort}`, '--hook', `delete=${hook}`],
  ];
  server = await ServerProcess.start(directory, ...flags);
  const client = await server.signUp('cam', PASSWORD);
  await client.store('STOR settings.txt', Buffer.alloc(1000));
  await client.close();
});
afterAll(() => server.dispose());

const administer = async (...args: readonly string[]) =>
  (await run(process.execPath, [builtServer(), ...args, '--data', directory])).stdout;

/** Uploads images of one day as cameras do: into a directory that is made on the way. */
async function upload(day: number, images: readonly number[]): Promise<void> {
  const local = join(directory, `day${day}`);
  await mkdir(local, { recursive: true });
  const names = images.map((image) => `image${String(image).padStart(2, '0')}.jpg`);
  for (const name of names) await writeFile(join(local, name), Buffer.alloc(IMAGE_BYTES, day));
  const url = `ftp://127.0.0.1:${server.port}/camera/day${day}/`;
  const files = join(local, `{${names.join(',')}}`);
  await run('curl', ['-sS', '-u', `cam:${PASSWORD}`, '--ftp-create-dirs', '-T', files, url]);
}

function tree(): readonly string[] {
  const home = server.home('cam');
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).sort();
}

const title = 'a camera with curl never finds its account full, also after kill -9 (needs curl)';
(isInstalled('curl') ? test : test.skip)(title, async () => {
  const rule = ['--directory', '/camera', '--oldest-first', '--remove-empty'];
  await administer('user', 'retention', 'cam', ...rule);
  await upload(1, [1, 2, 3, 4, 5, 6]);
  await upload(2, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const days = Array.from({ length: 9 }, (_, index) => `camera/day2/image0${index + 1}.jpg`);
  expect(tree()).toEqual(['camera', 'camera/day2', ...days, 'settings.txt']);
  await server.end('SIGKILL');
  server = await ServerProcess.start(directory, ...flags);
  await untilMeasured(directory);
  const { usedBytes } = JSON.parse(await administer('user', 'show', 'cam', '--json'));
  expect(usedBytes).toBe(1000 + 9 * IMAGE_BYTES);
  await upload(3, [1, 2]);
  expect(tree()).toHaveLength(1 + 1 + 7 + 1 + 2 + 1);
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(metrics).toContain('myftp_retention_deleted_files_total{reason="quota"} 2\n');
  expect(metrics).toContain('myftp_retention_deleted_bytes_total{reason="quota"} 200000\n');
  const told = readFileSync(join(directory, 'told'), 'utf8');
  expect(told).toContain('quota /camera/day1/image01.jpg\n');
});
