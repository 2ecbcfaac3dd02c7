import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import { TRASH_DIRECTORY } from '../../server/trash/trash-directory.ts';
import { builtServer } from '../built-programs.ts';
import { isInstalled } from '../clients/program.ts';
import { ServerProcess } from './server-process.ts';

const PASSWORD = 'correct horse';
const FLAGS = ['--keep-deleted', '7d', '--tls', 'off', '--signup', 'open'];
const run = promisify(execFile);

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start(await ServerProcess.makeDirectory(), ...FLAGS);
  await (await server.signUp('anna', PASSWORD)).close();
});
afterAll(() => server.dispose());

/** One URL of curl, with commands before or after its transfer. */
async function curl(path: string, ...args: readonly string[]): Promise<string> {
  const url = `ftp://127.0.0.1:${server.port}${path}`;
  return (await run('curl', ['-sS', '-u', `anna:${PASSWORD}`, ...args, url])).stdout;
}

const administer = async (...args: readonly string[]) =>
  (await run(process.execPath, [builtServer(), ...args, '--data', server.directory])).stdout;

const title =
  'what curl overwrites and deletes survives kill -9, and is restored by the administrator';
(isInstalled('curl') ? test : test.skip)(title, async () => {
  const local = join(server.directory, 'upload');
  for (const content of ['first', 'second']) {
    await writeFile(local, content);
    await curl('/d/a.txt', '--ftp-create-dirs', '-T', local);
  }
  await curl('/', '-Q', '-DELE /d/a.txt', '-Q', '-RMD /d');
  expect(await readdir(server.home('anna'))).toEqual([]);
  await server.end('SIGKILL');
  server = await ServerProcess.start(server.directory, ...FLAGS);
  await untilMeasured(server.directory);
  const items = JSON.parse(await administer('trash', 'list', 'anna', '--json'));
  expect(items).toMatchObject([
    { path: '/d/a.txt', reason: 'replaced', sizeBytes: 5 },
    { path: '/d/a.txt', reason: 'deleted', sizeBytes: 6 },
    { path: '/d', kind: 'directory' },
  ]);
  expect(await administer('user', 'show', 'anna', '--json')).toContain('"usedBytes": 11,');
  await administer('trash', 'restore', 'anna', items[0].id);
  expect(await curl('/d/a.txt')).toBe('first');
  expect(await administer('trash', 'empty', 'anna', '--yes')).toContain(
    'Deleted 2 items (6 bytes)',
  );
  expect(await readdir(join(server.directory, 'files', TRASH_DIRECTORY, '1'))).toEqual([]);
  expect(await readFile(server.home('anna', 'd/a.txt'), 'utf8')).toBe('first');
});
