import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { type Outcome, run as runProgram, start } from '../../tests/clients/program.ts';
import { ClientProgram } from './testing/client-program.ts';

const PASSWORD = 'correct horse';

let client: ClientProgram;
let server: TestServer;
let home: string;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  server = await TestServer.start({ settings: { tls: 'optional' } });
  await server.signUp('anna', PASSWORD);
  home = await server.makeHome('anna');
});
afterAll(async () => {
  await server?.dispose();
  await client?.dispose();
});
beforeEach(() => client.write('tree/.keep', ''));

const url = (path = '/') => `ftp://anna@127.0.0.1:${server.port}${path}`;

function run(...args: readonly string[]): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input: PASSWORD });
}

for (const path of [
  '/proc/self/limits',
  '/proc/version',
  '/sys/kernel/mm/transparent_hugepage/enabled',
]) {
  const isThere = existsSync(path);
  const title = `${path} is sent to its end, whatever its size seems to be`;
  (isThere ? test : test.skip)(isThere ? title : `${title}: it does not exist here`, async () => {
    const outcome = await run('put', '--overwrite', path, url('/copy'));
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('equal') });
    expect(await readFile(`${home}/copy`, 'utf8')).toBe(await readFile(path, 'utf8'));
  });
}

test('an argument that is not UTF-8 is a failed file with a reason', async () => {
  await client.write('fine', 'fine');
  const script = `exec "$@" --plain --password-stdin "$(printf 'gr\\374n')" fine "$0"`;
  const command = [process.execPath, client.main, 'put', '--overwrite'];
  const outcome = await runProgram('/bin/bash', ['-c', script, url('/'), ...command], {
    cwd: client.cwd,
    input: PASSWORD,
    env: { PATH: process.env.PATH, HOME: client.home },
  });
  expect(outcome).toMatchObject({ code: 5, stderr: expect.stringContaining('not UTF-8') });
  expect(await readFile(`${home}/fine`, 'utf8')).toBe('fine');
});

test('what another program writes has a name', async () => {
  const program = [process.execPath, client.main];
  const script = 'exec "$@" put --plain --password-stdin <(printf written) "$0"';
  const sent = await runProgram('/bin/bash', ['-c', script, url('/new/file'), ...program], {
    input: PASSWORD,
    env: { PATH: process.env.PATH, HOME: client.home },
  });
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('1 file done') });
  expect(await readFile(`${home}/new/file`, 'utf8')).toBe('written');
});

test('a pipe with a name is read to its end, and an empty file stays empty', async () => {
  execFileSync('mkfifo', [client.path('fifo')]);
  const writer = start('/bin/sh', ['-c', 'seq 100000 > fifo'], { cwd: client.cwd });
  await client.write('empty', '');
  const outcome = await run('put', 'fifo', 'empty', url('/'));
  await writer.ended;
  expect(outcome).toMatchObject({ code: 0 });
  expect((await readFile(`${home}/fifo`, 'utf8')).split('\n')).toHaveLength(100_001);
  expect(await readFile(`${home}/empty`, 'utf8')).toBe('');
});

test.each([
  ['to read from', (path: string) => ['put', path, url('/never')]],
  ['to write to', (path: string) => ['get', url('/there'), path]],
])('a pipe %s that has no other end does not hold up Ctrl-C', async (_, args) => {
  await writeFile(`${home}/there`, 'there');
  const path = client.path(`lonely-${args('').length}-${args('')[0]}`);
  execFileSync('mkfifo', [path]);
  const verbose = [...args(path), '-v', '--plain', '--password-stdin'];
  const running = client.start(verbose, { input: PASSWORD });
  // The transfer connection has logged in, and the pipe is waited for.
  let said = '';
  await new Promise<void>((resolve) => {
    running.child.stderr.on('data', (text: string) => {
      said += text;
      if ((said.match(/^.*230 /gm) ?? []).length === 2) resolve();
    });
  });
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 130 });
});

test('an existing file is not resumed from a pipe', async () => {
  await run('put', client.path('tree/.keep'), url('/kept'));
  execFileSync('mkfifo', [client.path('again')]);
  const writer = start('/bin/sh', ['-c', 'echo more > again'], { cwd: client.cwd });
  const outcome = await run('put', '--resume', 'again', url('/kept'));
  await writer.ended;
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('neither size nor') });
  expect(await readFile(`${home}/kept`, 'utf8')).toBe('');
});
