import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';
import { CuttingProxy } from '../transfers/testing/cutting-proxy.ts';

let server: TestServer;
let screen: RunningScreen;
let home: string;

beforeEach(async () => {
  server = await TestServer.start();
  await server.signUp();
  home = join(server.rootDir, 'anna');
  screen = await RunningScreen.start();
});

afterEach(async () => {
  await screen.dispose();
  await server.dispose();
});

/** Logged in and in the left pane. */
async function logInLeft(localRows: number): Promise<void> {
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => screen.ui.panes.left.rows.length === localRows);
  await screen.until(() => !screen.ui.panes.right.isLoading);
  screen.press('tab');
}

/** What was put into the queue has come to its end, and nothing is asked. */
async function idle(): Promise<void> {
  await screen.until(() => screen.ui.queue.jobs.length > 0 && screen.ui.dialog === undefined);
  await screen.app.connection.active?.queue.idle();
}

test('a marked batch goes up, directories with all below them, and is verified', async () => {
  await mkdir(join(screen.here, 'site', 'img'), { recursive: true });
  await writeFile(join(screen.here, 'site', 'index.html'), 'hello');
  await writeFile(join(screen.here, 'site', 'img', 'logo'), Buffer.alloc(300_000, 7));
  await writeFile(join(screen.here, 'notes'), 'notes');
  await writeFile(join(screen.here, 'other'), 'not marked');
  await logInLeft(3);
  screen.press('down', 'space', 'space', 'f5');
  await screen.until('Queued 2 items for /');
  await idle();
  expect(await readFile(join(home, 'site', 'index.html'), 'utf8')).toBe('hello');
  expect(await readFile(join(home, 'site', 'img', 'logo'))).toHaveLength(300_000);
  expect((await readdir(home)).sort()).toEqual(['notes', 'site']);
  screen.press('f9');
  await screen.until(/notes.*SHA-\d+ equal/);
  expect(screen.ui.panes.left.marks.size).toBe(0);
});

test('a link that was chosen is copied as what it leads to', async () => {
  await mkdir(join(screen.here, 'dir'));
  await writeFile(join(screen.here, 'dir', 'file'), 'file');
  await symlink('dir', join(screen.here, 'linked'));
  await logInLeft(2);
  screen.press('down', 'down', '#');
  await screen.until(/Target +directory/);
  screen.press('escape');
  await screen.until(() => screen.ui.dialog === undefined);
  screen.press('f5');
  await idle();
  expect(await readFile(join(home, 'linked', 'file'), 'utf8')).toBe('file');
});

test('links in directories are followed where the settings say so', async () => {
  await screen.dispose();
  const settings = join(screen.home, '.config/myftp/settings.toml');
  await mkdir(dirname(settings), { recursive: true });
  await writeFile(settings, 'links = "follow"\n');
  screen = await RunningScreen.start({ home: screen.home });
  await mkdir(join(screen.here, 'dir'));
  await writeFile(join(screen.here, 'dir', 'file'), 'file');
  await symlink('file', join(screen.here, 'dir', 'linked'));
  await logInLeft(1);
  screen.press('down', 'f5');
  await idle();
  expect(await readFile(join(home, 'dir', 'linked'), 'utf8')).toBe('file');
});

test('nothing is compared where the settings say so', async () => {
  await screen.dispose();
  const settings = join(screen.home, '.config/myftp/settings.toml');
  await mkdir(dirname(settings), { recursive: true });
  await writeFile(settings, 'verify = false');
  screen = await RunningScreen.start({ home: screen.home });
  await writeFile(join(screen.here, 'notes'), 'notes');
  await logInLeft(1);
  screen.press('down', 'f5');
  await idle();
  expect(await readFile(join(home, 'notes'), 'utf8')).toBe('notes');
  screen.press('f9');
  await screen.until('checksum not compared');
});

test('the other pane shows what has arrived', async () => {
  await writeFile(join(screen.here, 'notes'), 'notes');
  await logInLeft(1);
  screen.press('down', 'c');
  await screen.until(() => screen.ui.panes.right.rows.length === 1);
});

test('a directory comes down', async () => {
  await mkdir(join(home, 'logs', 'old'), { recursive: true });
  await writeFile(join(home, 'logs', 'old', 'a.log'), 'line\n');
  await logInLeft(0);
  await screen.until('logs/');
  screen.press('tab', 'c');
  await idle();
  expect(await readFile(join(screen.here, 'logs', 'old', 'a.log'), 'utf8')).toBe('line\n');
});

test('marks of another directory go to where they were meant, if that is wanted', async () => {
  await mkdir(join(home, 'first'), { recursive: true });
  await writeFile(join(screen.here, 'notes'), 'notes');
  await logInLeft(1);
  await screen.until('first/');
  screen.press('down', 'space', 'tab', 'enter');
  await screen.until(() => screen.ui.panes.right.path === '/first');
  screen.press('tab', 'c');
  await screen.until('1 entry to /');
  screen.press('h');
  await idle();
  expect(await readdir(join(home, 'first'))).toEqual(['notes']);
});

const conflicts: readonly (readonly [string, readonly string[], Record<string, string>])[] = [
  ['overwrite', ['o'], { notes: 'new' }],
  ['skip', ['s'], { notes: 'old' }],
  ['keep both', ['k'], { notes: 'old', 'notes (1)': 'new' }],
];

test.each(conflicts)('a name that exists: %s', async (_, keys, expected) => {
  await writeFile(join(home, 'notes'), 'old');
  await writeFile(join(screen.here, 'notes'), 'new');
  await logInLeft(1);
  screen.press('down', 'c');
  const text = await screen.until('notes exists in /');
  expect(text).toMatch(/local +3 bytes/);
  expect(text).toMatch(/remote +3 bytes/);
  screen.press(...keys);
  await idle();
  for (const [name, content] of Object.entries(expected)) {
    expect(await readFile(join(home, name), 'utf8')).toBe(content);
  }
  expect(await readdir(home)).toHaveLength(Object.keys(expected).length);
});

test('one answer can be for the others', async () => {
  for (const name of ['a', 'b', 'c']) {
    await writeFile(join(home, name), 'old');
    await writeFile(join(screen.here, name), 'new');
  }
  await logInLeft(3);
  screen.press('A', 'c');
  await screen.until('exists in /');
  screen.press('space', 'o');
  await screen.until(() => screen.ui.queue.totals.done === 3);
  for (const name of ['a', 'b', 'c']) expect(await readFile(join(home, name), 'utf8')).toBe('new');
});

test('what does not fit is told before it is sent', async () => {
  await server.setQuota('anna', 1000);
  await writeFile(join(screen.here, 'big'), Buffer.alloc(5000));
  await logInLeft(1);
  screen.press('down', 'c');
  await screen.until('Needs 4.9 K, 1000 free');
  screen.press('escape');
  await screen.until(() => screen.ui.dialog === undefined);
  expect(screen.ui.queue.jobs).toHaveLength(0);
});

test('a quota that is exceeded shows the words of the server', async () => {
  await server.setQuota('anna', 1000);
  await writeFile(join(screen.here, 'big'), Buffer.alloc(5000));
  await logInLeft(1);
  screen.press('down', 'c');
  await screen.until('Not enough space');
  screen.press('u');
  await screen.until(/552 /);
  screen.press('f9');
  await screen.until(/✗ ↑.*big/);
});

test('transfers are paused, cancelled, and cleared when they are done', async () => {
  for (const name of ['a', 'b']) await writeFile(join(screen.here, name), 'x');
  await logInLeft(2);
  screen.app.connection.active?.queue.pause('all');
  screen.press('A', 'c', 'f9');
  await screen.until(() => screen.ui.queue.jobs.length === 2);
  await screen.until(/‖ ↑.*a /);
  screen.press('x');
  await screen.until(() => screen.ui.queue.jobs.length === 1);
  screen.press('p');
  await screen.until(() => screen.ui.queue.totals.done === 1);
  screen.press('enter');
  await screen.until('on both sides');
  screen.press('escape', 'c');
  await screen.until('No transfers');
  expect(await readdir(home)).toEqual(['b']);
});

test('what is not finished at the end is offered at the next login', async () => {
  await writeFile(join(screen.here, 'notes'), 'notes');
  await logInLeft(1);
  screen.app.connection.active?.queue.pause('all');
  screen.press('down', 'c');
  await screen.until(() => screen.ui.queue.jobs.length === 1);
  const { home: clientHome } = screen;
  await screen.end();
  screen = await RunningScreen.start({ home: clientHome });
  screen.connect(testSite(server.port));
  await screen.until('Unfinished transfers from an earlier session');
  screen.press('r');
  await screen.until(() => screen.ui.queue.totals.done === 1);
  expect(await readFile(join(home, 'notes'), 'utf8')).toBe('notes');
});

test('quitting asks while something is on its way, and what was stopped is offered again', async () => {
  const proxy = await CuttingProxy.start({
    serverPort: server.port,
    cutsAfterBytes: [100_000],
    kills: 'none',
  });
  await writeFile(join(screen.here, 'film'), Buffer.alloc(20_000_000, 7));
  screen.connect(testSite(proxy.port));
  await screen.until('not encrypted');
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  screen.press('tab', 'down', 'c');
  await proxy.held;
  await screen.until('1 running');
  screen.press('q');
  await screen.until('Transfers are running');
  screen.press('escape');
  await screen.until(() => screen.ui.dialog === undefined);
  screen.press('f10');
  await screen.until('Transfers are running');
  screen.press('y');
  expect(await screen.ended).toBe(0);
  await proxy.close();
});

test('Ctrl-C twice quits', async () => {
  await logInLeft(0);
  screen.press('ctrl-c', 'ctrl-c');
  expect(await screen.ended).toBe(130);
});

test('a mirror shows its plan, copies what differs, and deletes only when told to', async () => {
  await mkdir(join(screen.here, 'below'), { recursive: true });
  await writeFile(join(screen.here, 'below', 'new'), 'new');
  await writeFile(join(screen.here, 'changed'), 'longer than before');
  await writeFile(join(home, 'changed'), 'before');
  await writeFile(join(home, 'extra'), 'only there');
  await logInLeft(2);
  screen.press('S');
  const plan = await screen.until('1 new, 1 changed');
  expect(plan).toContain('- /extra');
  screen.press('enter');
  expect(screen.ui.dialog?.topic).toBe('mirror');
  screen.press('c');
  await screen.until(() => screen.ui.queue.totals.done === 2);
  expect((await readdir(home)).sort()).toEqual(['below', 'changed', 'extra']);
  screen.press('S');
  await screen.until('1 extra entry at the target');
  screen.press('D');
  await screen.until('1 entry deleted');
  expect((await readdir(home)).sort()).toEqual(['below', 'changed']);
  screen.press('S');
  await screen.until('Nothing to do');
});
