import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  screen = await RunningScreen.start();
});

afterEach(async () => {
  await screen.dispose();
  await server.dispose();
});

/** Logged in, with this on the screen. */
async function logIn(seen: string): Promise<void> {
  screen.connect(testSite(server.port));
  await screen.until(seen);
  await screen.until(() => !screen.ui.panes.right.isLoading);
}

const onServer = (...path: readonly string[]) => join(home, ...path);

test('a directory is made with its parents, and the cursor is on it', async () => {
  await mkdir(onServer('zzz'), { recursive: true });
  await logIn('zzz');
  screen.press('f7');
  await screen.until('New directory in /');
  screen.type('a/b/c');
  screen.press('enter');
  await screen.until(() => screen.ui.panes.right.rows.length === 2);
  expect(existsSync(onServer('a', 'b', 'c'))).toBe(true);
  expect(screen.ui.panes.right.rows[screen.ui.panes.right.cursor]?.entry.name).toBe('a');
});

test('a file is renamed; one that has the name is not lost without a word', async () => {
  await writeFile(onServer('one'), '1');
  await writeFile(onServer('two'), '2');
  await logIn('two');
  screen.press('f6', 'ctrl-u');
  screen.type('two');
  screen.press('enter');
  await screen.until('two exists in /');
  screen.press('enter', 'escape');
  await screen.until(() => screen.ui.dialog === undefined);
  screen.press('f6', 'ctrl-u');
  screen.type('three');
  screen.press('enter');
  await screen.until('three');
  expect((await readdir(home)).sort()).toEqual(['three', 'two']);
  expect(await readFile(onServer('two'), 'utf8')).toBe('2');
});

test('what is marked is moved into a directory', async () => {
  await mkdir(onServer('into'));
  for (const name of ['a', 'b', 'c']) await writeFile(onServer(name), name);
  await logIn('into');
  screen.press('down', 'space', 'space', 'f6');
  await screen.until('Move 2 entries');
  screen.type('into');
  screen.press('enter');
  await screen.until(() => screen.ui.panes.right.rows.length === 2);
  expect((await readdir(onServer('into'))).sort()).toEqual(['a', 'b']);
  expect(screen.ui.panes.right.marks.size).toBe(0);
});

test('deleting counts first, does not take Enter for yes, and Esc keeps', async () => {
  await mkdir(onServer('full', 'below'), { recursive: true });
  for (const name of ['x', 'y', 'z']) await writeFile(onServer('full', 'below', name), '123');
  await logIn('full');
  screen.press('f8');
  await screen.until('3 files in 2 directories, 9');
  screen.press('enter', 'space');
  expect(screen.ui.dialog?.topic).toBe('delete');
  screen.press('escape');
  await screen.until(() => screen.ui.dialog === undefined);
  expect(existsSync(onServer('full', 'below', 'x'))).toBe(true);
  screen.press('d');
  await screen.until('3 files in 2 directories');
  screen.press('y');
  await screen.until('deleted');
  expect(existsSync(onServer('full'))).toBe(false);
});

test('permissions are typed as a number or as letters, and what they mean is shown', async () => {
  await mkdir(onServer('site'));
  await writeFile(onServer('site', 'run'), '');
  await writeFile(onServer('notes'), '');
  await logIn('notes');
  screen.press('p');
  await screen.until('Permissions of site');
  screen.press('ctrl-u');
  screen.type('77');
  await screen.until('for example 644');
  screen.type('0');
  await screen.until('rwxrwx---');
  screen.press('tab', 'space', 'tab', 'enter');
  await screen.until('Changed the permissions of 2 entries.');
  expect((await stat(onServer('site'))).mode & 0o777).toBe(0o770);
  expect((await stat(onServer('site', 'run'))).mode & 0o777).toBe(0o770);
  screen.press('down', 'p', 'ctrl-u');
  screen.type('go=');
  screen.press('tab', 'enter');
  await screen.until('Changed the permissions of 1 entry.');
  expect((await stat(onServer('notes'))).mode & 0o077).toBe(0);
});

test('a mode that is none is not sent', async () => {
  await writeFile(onServer('notes'), '');
  await logIn('notes');
  screen.press('p', 'ctrl-u');
  screen.type('rwx');
  screen.press('tab', 'enter');
  await screen.until('for example 644, u+x or go-w.');
  screen.press('escape');
  await screen.until(() => screen.ui.dialog === undefined);
});

test('a refusal is told in the words of the server', async () => {
  await writeFile(onServer('there'), 'x');
  await logIn('there');
  screen.press('m');
  await screen.until('New directory');
  screen.type('there/below');
  screen.press('enter');
  await screen.until(/55\d /);
});

test('an edited file is sent back, one that was left alone is not', async () => {
  const editor = join(screen.home, 'editor.sh');
  await writeFile(editor, '#!/bin/sh\necho more >> "$1"\n');
  await chmod(editor, 0o755);
  await screen.dispose();
  screen = await RunningScreen.start({ editor: `sh -c 'echo more >> "$1"' --` });
  await writeFile(onServer('notes'), 'first\n');
  await logIn('notes');
  screen.press('e');
  await screen.until(/Saved .* on the server/);
  expect(await readFile(onServer('notes'), 'utf8')).toBe('first\nmore\n');
});

test('the editor changed nothing', async () => {
  await screen.dispose();
  screen = await RunningScreen.start({ editor: 'true' });
  await writeFile(onServer('notes'), 'first\n');
  await logIn('notes');
  screen.press('f4');
  await screen.until('Not changed');
});

test('what an editor that failed has left is told, and removed if nothing was changed', async () => {
  await screen.dispose();
  const told = join(server.directory, 'told');
  const script = `echo "$1" > ${told}; read -r more < ${told}.more; printf "$more" >> "$1"; exit 3`;
  screen = await RunningScreen.start({ editor: `sh -c '${script}' --` });
  await writeFile(onServer('notes'), 'first\n');
  await writeFile(`${told}.more`, '\n');
  await logIn('notes');
  screen.press('f4');
  await screen.until('The editor "sh');
  const unchanged = (await readFile(told, 'utf8')).trim();
  expect(existsSync(dirname(unchanged))).toBe(false);
  await writeFile(`${told}.more`, 'second\n');
  screen.press('f4');
  await screen.until('Your changes are in');
  const copy = (await readFile(told, 'utf8')).trim();
  expect(await screen.text()).toContain(copy);
  expect(await readFile(copy, 'utf8')).toBe('first\nsecond');
  expect(await readFile(onServer('notes'), 'utf8')).toBe('first\n');
  await rm(dirname(copy), { recursive: true });
});
