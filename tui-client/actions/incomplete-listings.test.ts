import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { INCOMPLETE, UNDERSTOOD } from '../testing/moods.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: FieldServer;
let screen: RunningScreen;

beforeEach(async () => {
  screen = await RunningScreen.start();
});
afterEach(async () => {
  await screen.dispose();
  await server.close();
});

async function connect(mood: Mood): Promise<void> {
  server = await FieldServer.start(mood);
  for (const name of ['a', 'b', 'c']) server.tree.put(`/${name}`, name);
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => !screen.ui.panes.right.isLoading);
}

test('a pane says that it does not show everything, and is not compared', async () => {
  await connect(INCOMPLETE['one odd line'] ?? {});
  await screen.until('the listing is incomplete');
  expect(screen.ui.panes.right.rows.map(({ entry }) => entry.name)).toEqual(['b', 'c']);
  screen.press('C');
  await screen.until('Cannot compare');
  expect(screen.ui.panes.right.marks.size).toBe(0);
});

test('a search says that not everything was searched', async () => {
  await connect(INCOMPLETE['one odd line'] ?? {});
  screen.press('f');
  await screen.until('Find in');
  screen.type('c');
  screen.press('enter');
  await screen.until('Search incomplete');
  await screen.until('1 of 1');
});

test('local names that no server takes are shown with a sign', async () => {
  await writeFile(join(screen.here, 'a\nb'), '');
  await writeFile(Buffer.concat([Buffer.from(join(screen.here, 'gr')), Buffer.of(0xfc)]), '');
  await connect({});
  screen.press('tab', 'ctrl-r');
  const text = await screen.until('a\ufffdb');
  expect(text).toContain('gr\ufffd');
});

test.each(Object.entries(INCOMPLETE))('a mirror after %s offers no deletion', async (_, mood) => {
  await writeFile(join(screen.here, 'mine'), 'mine');
  await connect(mood);
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  screen.press('S');
  await screen.until('Nothing will be deleted, because some entries could not be read');
  screen.press('D', 'escape');
  await screen.until(() => screen.ui.dialog === undefined);
  expect(await readdir(screen.here)).toEqual(['mine']);
});

test.each(Object.entries(UNDERSTOOD))('a pane shows what %s lists', async (_, mood) => {
  await connect(mood);
  const text = await screen.until('c ');
  expect(screen.ui.panes.right.rows.map(({ entry }) => entry.name)).toEqual(['a', 'b', 'c']);
  expect(text).not.toContain('incomplete');
});

test('a mirror whose copy is cancelled in the queue deletes nothing', async () => {
  await writeFile(join(screen.here, 'renamed'), 'a');
  let hold: () => void = () => {};
  const isHeld = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const held = () => {
    hold();
    return true;
  };
  await connect({ answers: { STOR: held } });
  screen.press('tab', 'S');
  await screen.until('3 extra entries at the target');
  screen.press('D');
  await isHeld;
  await screen.until(() => screen.ui.queue.jobs.length === 1);
  screen.app.connection.active?.queue.cancel('all');
  await screen.until('Nothing was deleted, because some files were not copied');
  expect(server.tree.namesIn('/')).toEqual(['a', 'b', 'c']);
});

test('a mirror that would empty the target wants a second key', async () => {
  await connect({});
  screen.press('tab', 'S');
  await screen.until('3 extra entries at the target');
  screen.press('D');
  await screen.until('The source is empty');
  screen.press('D', 'escape');
  await screen.until(() => screen.ui.dialog === undefined);
  expect(server.tree.namesIn('/')).toEqual(['a', 'b', 'c']);
  screen.press('S');
  await screen.until('3 extra entries at the target');
  screen.press('D');
  await screen.until('The source is empty');
  screen.press('A');
  await screen.until('3 entries deleted');
  expect(server.tree.namesIn('/')).toEqual([]);
});
