import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: TestServer;
let screen: RunningScreen;
let home: string;

beforeEach(async () => {
  server = await TestServer.start();
  await server.signUp();
  home = join(server.rootDir, 'anna');
  await mkdir(join(home, 'www', 'img'), { recursive: true });
  await writeFile(join(home, 'www', 'index.html'), '<h1>Welcome</h1>\n');
  await writeFile(join(home, 'www', '.hidden'), 'x');
  await writeFile(join(home, 'a10'), 'x');
  await writeFile(join(home, 'a2'), 'xyz');
  screen = await RunningScreen.start();
});

afterEach(async () => {
  await screen.dispose();
  await server.dispose();
});

async function logIn(): Promise<void> {
  screen.connect(testSite(server.port));
  await screen.until('a10');
}

const names = () => screen.ui.panes.right.rows.map(({ entry }) => entry.name);

test('a login shows both sides, and that nothing is encrypted', async () => {
  await writeFile(join(screen.here, 'mine.txt'), 'x');
  await logIn();
  const text = await screen.until('mine.txt');
  expect(text).toContain('anna@127.0.0.1');
  expect(text).toContain('not encrypted');
  expect(names()).toEqual(['www', 'a2', 'a10']);
});

test('into a directory and out again, with the cursor where one came from', async () => {
  await logIn();
  screen.press('enter');
  await screen.until('index.html');
  expect(screen.ui.panes.right.path).toBe('/www');
  screen.press('backspace');
  await screen.until('a10');
  expect(screen.ui.panes.right.cursor).toBe(0);
  expect(names()[screen.ui.panes.right.cursor]).toBe('www');
});

test('a directory that is gone is told, and what was shown stays', async () => {
  await logIn();
  screen.press(':', 'ctrl-u');
  screen.type('/nowhere');
  screen.press('enter');
  await screen.until('550 /nowhere: no such');
  expect(names()).toContain('a10');
});

test('hidden files, sorting and the filter', async () => {
  await logIn();
  screen.press('enter');
  await screen.until('index.html');
  screen.press('.');
  expect(names()).toEqual(['img', '.hidden', 'index.html']);
  screen.press('s');
  await screen.until('Sort by');
  screen.press('s');
  await screen.until(() => screen.ui.panes.right.sort.by === 'size');
  screen.press('/');
  screen.type('html');
  expect(names()).toEqual(['index.html']);
  screen.press('escape');
  expect(names()).toHaveLength(3);
});

test('a file is viewed, in hex, too, and searched', async () => {
  await logIn();
  screen.press('enter');
  await screen.until('index.html');
  screen.press('down', 'down', 'f3');
  await screen.until('<h1>Welcome</h1>');
  screen.press('x');
  await screen.until('00000000  3c 68 31 3e');
  screen.press('escape');
  await screen.until('index.html');
  expect(screen.ui.screen).toBe('files');
});

test('what is found below can be gone to', async () => {
  await mkdir(join(home, 'deep', 'er'), { recursive: true });
  await writeFile(join(home, 'deep', 'er', 'needle.txt'), 'x');
  await logIn();
  screen.press('f');
  await screen.until('Find in /');
  screen.type('needle');
  screen.press('enter');
  await screen.until('deep/er/needle.txt');
  screen.press('enter');
  await screen.until(/\/deep\/er/);
  await screen.until('needle.txt');
  const { right } = screen.ui.panes;
  expect([right.path, right.rows[right.cursor - 1]?.entry.name]).toEqual([
    '/deep/er',
    'needle.txt',
  ]);
});

test('bookmarks of directories are kept, gone to and forgotten', async () => {
  await logIn();
  screen.press('enter');
  await screen.until('index.html');
  screen.press('b');
  await screen.until('+ add /www');
  screen.press('enter');
  await screen.until('Bookmarked ');
  screen.press('backspace');
  await screen.until('a10');
  screen.press('b');
  await screen.until('Directories on the server');
  screen.press('enter');
  await screen.until('index.html');
  screen.press('b');
  await screen.until('Directories on the server');
  screen.press('delete');
  await screen.until('+ add /www');
});

test('in step, both panes go the same way', async () => {
  await mkdir(join(screen.here, 'www'));
  await logIn();
  screen.press('y', 'enter');
  await screen.until(() => screen.ui.panes.left.path.endsWith('/here/www'));
  screen.press('backspace');
  await screen.until(() => screen.ui.panes.left.path.endsWith('/here'));
});

test('the properties tell the checksum, and whether the other pane has the same', async () => {
  await writeFile(join(screen.here, 'a2'), 'xyz');
  await logIn();
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  screen.press('down', '#');
  const text = await screen.until('= the same as in');
  expect(text).toContain('3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282');
});

test('the help finds an action and does it', async () => {
  await logIn();
  screen.press('?');
  await screen.until('Type to filter');
  screen.type('hidden');
  screen.press('enter');
  await screen.until(() => screen.ui.panes.right.showsHidden);
});

test('the same on the command line', async () => {
  await logIn();
  screen.press('down', 'Y');
  await screen.until(`myftp-tui get ftp://anna@127.0.0.1:${server.port}/a2`);
});

test('the log shows the protocol, and no password', async () => {
  await logIn();
  screen.press('a', 'home');
  const text = await screen.until('> PASS ****');
  expect(text).not.toContain('correct horse');
  screen.press('escape');
  expect(screen.ui.screen).toBe('files');
});
