import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FieldServer } from '../testing/field-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: FieldServer;
let screen: RunningScreen;

beforeEach(async () => {
  screen = await RunningScreen.start();
  server = await FieldServer.start();
  for (const path of ['/a', '/b', '/sub/c', '/sub/d']) server.tree.put(path, path);
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => !screen.ui.panes.right.isLoading);
});
afterEach(async () => {
  await screen.dispose();
  await server.close();
});

/** With `/a` and `/b` marked, and the cursor on `/sub/c`. */
async function markAndLeave(): Promise<void> {
  // Directories come first.
  screen.press('down', 'space', 'space', 'home', 'enter');
  await screen.until(() => screen.ui.panes.right.path === '/sub');
  await screen.until(() => !screen.ui.panes.right.isLoading);
  screen.press('down');
  expect(screen.ui.panes.right.marks.size).toBe(2);
}

test('marks of another directory are named and not deleted', async () => {
  await markAndLeave();
  screen.press('f8');
  const text = await screen.until('and 2 more in /');
  expect(text).toContain('/sub/c');
  screen.press('y');
  await screen.until('1 entry deleted');
  expect(server.tree.namesIn('/')).toEqual(['a', 'b', 'sub']);
  expect(server.tree.namesIn('/sub')).toEqual(['d']);
  expect(screen.ui.panes.right.marks.size).toBe(2);
});

test('a key of its own deletes them, too', async () => {
  await markAndLeave();
  screen.press('f8');
  await screen.until('and 2 more in /');
  screen.press('A');
  await screen.until('3 entries deleted');
  expect(server.tree.namesIn('/')).toEqual(['sub']);
  expect(server.tree.namesIn('/sub')).toEqual(['d']);
});

test('renaming is about what is in sight', async () => {
  await markAndLeave();
  screen.press('f6');
  await screen.until('and 2 more in /');
  screen.press('h');
  await screen.until('Rename or move c');
  screen.press('ctrl-u');
  screen.type('e');
  screen.press('enter');
  await screen.until(() => server.tree.namesIn('/sub').includes('e'));
  expect(server.tree.namesIn('/')).toEqual(['a', 'b', 'sub']);
});

test('a delete dialog shows the first names with their paths', async () => {
  for (const name of ['e', 'f', 'g', 'h', 'i']) server.tree.put(`/sub/${name}`, name);
  await markAndLeave();
  screen.press('ctrl-r');
  await screen.until(() => screen.ui.panes.right.rows.length === 7);
  screen.press('A', 'f8');
  const text = await screen.until('and 2 more in /');
  for (const name of ['c', 'd', 'e', 'f', 'g']) expect(text).toContain(`/sub/${name}`);
  expect(text).toContain('and 2 more\u0020');
});

test('marks of a comparison go when one of the directories is left', async () => {
  await mkdir(join(screen.here, 'below'));
  await writeFile(join(screen.here, 'mine'), 'mine');
  await screen.until(() => !screen.ui.panes.left.isLoading);
  screen.press('tab', 'ctrl-r');
  await screen.until(() => screen.ui.panes.left.rows.length === 2);
  screen.press('C');
  await screen.until('only sizes were compared');
  expect(screen.ui.panes.right.marks.size).toBeGreaterThan(0);
  screen.press('home', 'down', 'enter');
  await screen.until(() => screen.ui.panes.left.path.endsWith('/below'));
  expect(screen.ui.panes.left.marks.size).toBe(0);
  expect(screen.ui.panes.right.marks.size).toBe(0);
  expect(await readdir(screen.here)).toEqual(['below', 'mine']);
});
