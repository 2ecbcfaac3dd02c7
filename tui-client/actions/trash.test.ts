import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: TestServer;
let anna: ControlClient;
let screen: RunningScreen;

beforeAll(async () => {
  server = await TestServer.start({ settings: { keepDeletedMs: 86_400_000 } });
  anna = await server.signUp();
});
afterAll(() => server.dispose());

beforeEach(async () => {
  screen = await RunningScreen.start();
  screen.connect(testSite(server.port));
});
afterEach(async () => {
  await screen.dispose();
  await anna.command('SITE TRASH EMPTY');
});

async function deleteFile(path: string): Promise<void> {
  await anna.store(`STOR ${path}`, `octets of ${path}`);
  await anna.command(`DELE ${path}`);
}

async function openTrash(): Promise<void> {
  await screen.until(() => !screen.ui.panes.right.isLoading && screen.ui.screen === 'files');
  screen.press('u');
}

const onServer = (name: string) => readFile(join(server.rootDir, 'anna', name), 'utf8');

test('a deleted file is restored, and seen in the pane', async () => {
  await deleteFile('report');
  await openTrash();
  await screen.until('deleted  /report');
  screen.press('enter');
  await screen.until('Kept      until');
  screen.press('r');
  await screen.until('Restored /report.');
  await screen.until(() => screen.ui.panes.right.rows.some(({ entry }) => entry.name === 'report'));
  expect(await onServer('report')).toBe('octets of report');
});

test('a name that something has is asked for another one, and nothing is replaced', async () => {
  await anna.store('STOR notes', 'before');
  await anna.store('STOR notes', 'after');
  await openTrash();
  await screen.until('replaced  /notes');
  screen.press('enter');
  await screen.until('Kept      until');
  screen.press('r');
  await screen.until('/notes: already exists');
  screen.press('ctrl-u');
  screen.type('/old/notes');
  screen.press('enter');
  await screen.until('Restored /old/notes.');
  expect([await onServer('notes'), await onServer('old/notes')]).toEqual(['after', 'before']);
});

test('the trash is emptied only after a yes, which Enter is not', async () => {
  for (const name of ['x', 'y']) await deleteFile(name);
  await openTrash();
  await screen.until('empty the trash: 2 entries');
  screen.press('down', 'down', 'enter');
  await screen.until('Delete permanently; it cannot be restored');
  screen.press('enter', 'escape');
  await screen.until('empty the trash: 2 entries');
  expect((await anna.command('SITE TRASH')).lines).toHaveLength(4);
  screen.press('delete');
  await screen.until('Delete permanently; it cannot be restored');
  screen.press('y');
  await screen.until('empty the trash: 1 entry');
  screen.press('down', 'enter');
  await screen.until('All that is in the trash');
  screen.press('y');
  await screen.until('1 entry deleted permanently.');
  expect((await anna.command('SITE TRASH')).lines).toEqual(['213 The trash is empty.']);
});

test('an empty trash says so', async () => {
  await openTrash();
  await screen.until('The trash on the server is empty.');
  expect(screen.ui.dialog).toBeUndefined();
});
