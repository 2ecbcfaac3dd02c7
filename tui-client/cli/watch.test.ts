import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import type { RunningProgram } from '../../tests/clients/program.ts';
import { CuttingProxy } from '../transfers/testing/cutting-proxy.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const PASSWORD = 'correct horse';
const PATIENCE_MS = 20_000;

let client: ClientProgram;
let server: TestServer;
let home: string;
let here: string;
let running: RunningProgram | undefined;
let stdout: string;
let tests = 0;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
beforeEach(async () => {
  tests += 1;
  server = await TestServer.start({ settings: { tls: 'off' } });
  await server.signUp('anna', PASSWORD);
  home = await server.makeHome('anna');
  here = client.path(`here-${tests}`);
  await mkdir(here);
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  await server.dispose();
});

async function save(name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(here, name)), { recursive: true });
  await writeFile(join(here, name), content);
}

/** Starts watching, and waits for the first comparison. */
async function watch(...options: readonly string[]): Promise<void> {
  await watchAt(server.port, options);
  await until(() => stdout.includes('"watching"'));
}

async function watchAt(port: number, options: readonly string[]): Promise<void> {
  const url = `ftp://anna@127.0.0.1:${port}/www`;
  const connection = ['--plain', '--password-stdin', '--json'];
  running = client.start(['watch', here, url, '--settle', '200', ...connection, ...options], {
    input: PASSWORD,
  });
  stdout = '';
  running.child.stdout.on('data', (text: string) => {
    stdout += text;
  });
}

/** Fails after a while; what the client says is in the failure. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`Not seen: ${isSo}\n${stdout}`);
    await delay(50);
  }
}

const thereIs = (name: string) => readFile(join(home, 'www', name), 'utf8').catch(() => undefined);
const untilThere = (name: string, content: string) =>
  until(async () => (await thereIs(name)) === content);
const untilGone = (name: string) => until(async () => (await thereIs(name)) === undefined);

async function interrupt() {
  running?.child.kill('SIGINT');
  const outcome = await running?.ended;
  if (outcome === undefined) throw new Error('It does not run.');
  return outcome;
}

/** All files with what is in them, but those of git. */
async function treeAt(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(join(directory, '.git/')));
  const lines = files.sort().map(async (path) => {
    const content = await readFile(path, 'utf8').catch(() => '(gone)');
    return `${path.slice(directory.length)} ${content}`;
  });
  return (await Promise.all(lines)).join('\n');
}

test('what is there at the start is compared, and what is saved then is uploaded', async () => {
  await save('a.txt', 'a');
  await save('sub/b.txt', 'b');
  await watch();
  expect(await thereIs('sub/b.txt')).toBe('b');
  await save('a.txt', 'changed');
  await untilThere('a.txt', 'changed');
  await save('new/deep/c.txt', 'c');
  await untilThere('new/deep/c.txt', 'c');
  await save('new/deep/d.txt', 'd');
  await untilThere('new/deep/d.txt', 'd');
  const ended = await interrupt();
  expect(ended.code).toBe(130);
  expect(jsonLines(ended).at(-1)).toMatchObject({
    ...{ type: 'summary', done: 5, failed: 0, exitCode: 130 },
  });
});

test('saves within a second, of the same size, are each uploaded', async () => {
  await watch();
  for (const content of ['one', 'two', 'six', 'ten']) {
    await save('file', content);
    await untilThere('file', content);
  }
});

test('editors that save by another name are followed: sed -i, and vim with a backup', async () => {
  await save('page.html', 'hello world');
  await watch('--delete');
  expect(spawnSync('sed', ['-i', 's/world/there/', join(here, 'page.html')]).status).toBe(0);
  await untilThere('page.html', 'hello there');
  await rename(join(here, 'page.html'), join(here, 'page.html~'));
  await save('page.html', 'by vim');
  await rm(join(here, 'page.html~'));
  await untilThere('page.html', 'by vim');
  await until(async () => (await readdir(join(home, 'www'))).length === 1);
});

test('with --delete files, directories and renames are followed; without it nothing goes', async () => {
  for (const name of ['kept', 'a', 'dir/b', 'dir/sub/c', 'left.log']) await save(name, name);
  await watch('--delete', '--exclude', '*.log');
  await rm(join(here, 'a'));
  await untilGone('a');
  await rename(join(here, 'dir'), join(here, 'moved'));
  await untilThere('moved/sub/c', 'dir/sub/c');
  await untilGone('dir/b');
  await save('moved/sub/d', 'd');
  await untilThere('moved/sub/d', 'd');
  expect(await thereIs('left.log')).toBeUndefined();
  await interrupt();
  await watch();
  await rm(join(here, 'kept'));
  await save('last', 'last');
  await untilThere('last', 'last');
  expect(await thereIs('kept')).toBe('kept');
});

test('more than half of the target is not deleted without being told so', async () => {
  for (let at = 0; at < 20; at += 1) await save(`file-${at}`, 'x');
  await watch('--delete');
  for (let at = 0; at < 15; at += 1) await rm(join(here, `file-${at}`));
  await save('last', 'last');
  await untilThere('last', 'last');
  await until(() => stdout.includes('more than half'));
  expect(await readdir(join(home, 'www'))).toHaveLength(21);
});

test('a file is not uploaded while it is being written', async () => {
  await watch();
  const parts = Array.from({ length: 30 }, (_, at) => `${at} `);
  for (const part of parts) {
    await appendFile(join(here, 'slow'), part);
    await delay(50);
  }
  await untilThere('slow', parts.join(''));
  const ended = await interrupt();
  const sent = jsonLines(ended).filter(({ type }) => type === 'file');
  expect(sent).toHaveLength(1);
});

test('a burst of changes ends with the same trees', async () => {
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: here });
  git('init', '-q');
  for (let at = 0; at < 200; at += 1) await save(`dir-${at % 20}/file-${at}`, `old ${at}`);
  git('add', '-A');
  git('commit', '-qm', 'old');
  git('checkout', '-qb', 'new');
  for (let at = 0; at < 200; at += 3) await save(`dir-${at % 20}/file-${at}`, `new ${at}`);
  for (let at = 1; at < 200; at += 9) await rm(join(here, `dir-${at % 20}/file-${at}`));
  for (let at = 0; at < 50; at += 1) await save(`other-${at}/deep/file`, `${at}`);
  git('add', '-A');
  git('commit', '-qm', 'new');
  await watch('--delete-all', '--exclude', '.git/');
  for (const branch of ['master', 'new', 'master']) {
    expect(git('checkout', '-q', branch).status).toBe(0);
    await delay(100);
  }
  expect(git('checkout', '-q', 'new').status).toBe(0);
  await until(async () => {
    const [ours, theirs] = await Promise.all([treeAt(here), treeAt(join(home, 'www'))]);
    return ours === theirs;
  });
});

test('after a lost connection the changes are uploaded', async () => {
  const kills = 'all';
  const port = await freePort();
  const proxied = { serverPort: server.port, cutsAfterBytes: [], kills, port } as const;
  const proxy = await CuttingProxy.start(proxied);
  await save('a', 'a');
  await watchAt(port, []);
  await until(() => stdout.includes('"watching"'));
  await proxy.close();
  await save('b', 'b');
  await delay(1500);
  expect(await thereIs('b')).toBeUndefined();
  // The port is free when the last socket has gone.
  const restarted: CuttingProxy[] = [];
  await until(async () => {
    await CuttingProxy.start(proxied).then(
      (one) => restarted.push(one),
      () => undefined,
    );
    return restarted.length > 0;
  });
  await untilThere('b', 'b');
  await interrupt();
  await restarted[0]?.close();
});

test('a failed file does not end it, and is tried again with the next change', async () => {
  await mkdir(join(home, 'www/taken'), { recursive: true });
  await watch();
  await save('taken', 'a file');
  await save('other', 'other');
  await untilThere('other', 'other');
  await rm(join(here, 'taken'));
  await save('third', 'third');
  await untilThere('third', 'third');
});

test.each([
  [['watch', 'none', 'ftp://a@127.0.0.1/'], 5],
  [['watch', 'ftp://a@127.0.0.1/', '.'], 64],
  [['watch', '.', '.'], 64],
])('%j ends with %d', async (args, code) => {
  expect(await client.run([...args, '--plain'])).toMatchObject({ code });
});
