import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
  const anna = await server.signUp();
  await anna.command('QUIT');
});
afterAll(() => server.dispose());

function run(args: readonly string[], dataDir = server.settings.dataDir) {
  return runCommand([...args, '--data', dataDir]);
}

/** Sessions end a moment after their clients have left. */
async function untilAllHaveLeft(): Promise<void> {
  while ((await run(['who'])).stdout !== 'There are no sessions.\n');
}

test('who tells users, clients and what they do', async () => {
  await untilAllHaveLeft();
  const stranger = await server.connect();
  const anna = await server.login();
  await anna.command('CLNT Camera\u001b[2J 1.0');
  const upload = await anna.openData();
  await anna.command('STOR b.bin');
  upload.write('hello');
  const moved = async () => (await run(['who', '--json'])).stdout.includes('"movedBytes": 5');
  while (!(await moved()));
  const sessions = JSON.parse((await run(['who', '--json'])).stdout);
  expect(sessions).toEqual([
    expect.objectContaining({ username: null, address: '127.0.0.1', client: null, transfer: null }),
    expect.objectContaining({
      username: 'anna',
      isEncrypted: false,
      transfer: {
        verb: 'STOR',
        path: '/b.bin',
        movedBytes: 5,
        totalBytes: null,
        durationMs: expect.any(Number),
      },
    }),
  ]);
  const { stdout } = await run(['who']);
  expect(stdout).toMatch(/- {5}127\.0\.0\.1 {2}- .*not logged in, idle \d+ s\n/);
  expect(stdout).toMatch(
    /anna {2}127\.0\.0\.1 {2}Camera\\u001b\[2J 1\.0 {2}no .*STOR \/b\.bin, 5 bytes, \d+ bytes\/s\n/,
  );
  upload.end();
  await anna.reply();
  await Promise.all([stranger.command('QUIT'), anna.command('QUIT')]);
});

test('kick ends one session, or all of a user', async () => {
  await untilAllHaveLeft();
  const clients = await Promise.all([server.login(), server.login(), server.login()]);
  const [{ id }] = JSON.parse((await run(['who', '--json'])).stdout);
  expect(await run(['kick', id])).toMatchObject({ code: 0, stdout: '1 session ended.\n' });
  while ((await run(['who'])).stdout.includes(id));
  expect(await run(['kick', 'anna', '--json'])).toMatchObject({ stdout: '{\n  "ended": 2\n}\n' });
  for (const client of clients)
    expect((await client.reply()).lines).toEqual(['421 The administrator has ended your session.']);
  await untilAllHaveLeft();
  while (!(await run(['audit', '--kind', 'kicks', '--json'])).stdout.includes(id));
  expect(await run(['kick', 'anna'])).toMatchObject({
    code: 1,
    stderr: 'myftp-server: There is no session anna, and no user of that name has one.\n',
  });
});

test('a kicked upload is kept as a partial', async () => {
  const anna = await server.login();
  await anna.store('STOR kept.txt', 'before');
  const upload = await anna.openData();
  await anna.command('STOR kept.txt');
  upload.write('after');
  await run(['kick', 'anna']);
  await untilAllHaveLeft();
  expect(await readFile(join(server.rootDir, 'anna/kept.txt'), 'utf8')).toBe('before');
  const { lines } = await (await server.login()).command('SITE PARTIALS');
  expect(lines[1]).toMatch(/^ size=5;.* \/kept\.txt$/);
  await run(['kick', 'anna']);
});

test('drain refuses further clients and leaves sessions alone', async () => {
  const anna = await server.login();
  expect((await run(['drain'])).stdout).toMatch(
    /^The server refuses further clients\. Sessions: \d\.\n/,
  );
  const refused = await text(connect({ port: server.port, host: '127.0.0.1' }));
  expect(refused).toBe('421 The server is about to stop; try again later.\r\n');
  expect((await anna.command('NOOP')).code).toBe(200);
  expect((await run(['drain', '--off'])).stdout).toMatch(/^The server accepts clients\./);
  await server.login();
});

test('only the user of the server reaches the socket', async () => {
  const { mode } = await stat(join(server.settings.dataDir, 'admin.sock'));
  expect(mode & 0o777).toBe(0o600);
});

test.each(['who', 'drain', 'kick anna'])('%s says that no server runs', async (command) => {
  const empty = await mkdtemp(join(tmpdir(), 'myftp-'));
  try {
    const expected = `myftp-server: --data ${empty}: no server runs with this data directory.\n`;
    expect(await run(command.split(' '), empty)).toEqual({ code: 1, stdout: '', stderr: expected });
    await writeFile(join(empty, 'admin.sock'), '');
    expect(await run(command.split(' '), empty)).toEqual({ code: 1, stdout: '', stderr: expected });
  } finally {
    await rm(empty, { recursive: true });
  }
});

test('a file that a crash has left in its place is no obstacle, nor is a long path', async () => {
  const top = await mkdtemp(join(tmpdir(), 'myftp-'));
  const directory = join(top, 'deep'.repeat(40));
  await mkdir(directory);
  await writeFile(join(directory, 'admin.sock'), '');
  const other = await TestServer.start({ directory });
  expect((await run(['who'], directory)).stdout).toBe('There are no sessions.\n');
  await other.stop();
  expect(await readdir(directory)).not.toContain('admin.sock');
  await rm(top, { recursive: true });
});
