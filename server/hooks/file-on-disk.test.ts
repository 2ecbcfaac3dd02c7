import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';
import { parseHooks } from './hook.ts';

let directory: string;
let server: TestServer;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-file-on-disk-'));
  const program = join(directory, 'hook');
  const script = `#!/bin/sh\nprintf %s "$MYFTP_FILE" > ${directory}/told.new\nmv ${directory}/told.new ${directory}/told\n`;
  await writeFile(program, script, { mode: 0o755 });
  server = await TestServer.start({ settings: { hooks: parseHooks(`upload=${program}`) } });
});
afterEach(async () => {
  await server.dispose();
  await rm(directory, { recursive: true });
});

async function told(): Promise<string> {
  for (;;) {
    const place = await readFile(join(directory, 'told'), 'utf8').catch(() => undefined);
    if (place !== undefined) return place;
    await delay(20);
  }
}

test('a program gets the place of a file in a home outside of the root', async () => {
  const home = join(directory, 'site');
  const add = ['user', 'add', 'anna', '--home', home, '--password-stdin'];
  await runCommand([...add, '--data', server.settings.dataDir], { input: 'correct horse' });
  const client = await server.login();
  await client.store('STOR a', 'octets');
  expect(await told()).toBe(join(home, 'a'));
});

test('a program gets the place of a file in a shared folder', async () => {
  const command = (line: string) =>
    runCommand([...line.split(' '), '--data', server.settings.dataDir]);
  const client = await server.signUp('anna');
  await server.signUp('ben');
  await mkdir(join(server.rootDir, 'ben/pictures'));
  await command('folder add pictures --owner ben --directory /pictures');
  await command('folder share pictures anna --at /deep/pics');
  await client.store('STOR /deep/pics/a', 'octets');
  expect(await told()).toBe(join(server.rootDir, 'ben/pictures/a'));
});
