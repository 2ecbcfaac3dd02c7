/** The screens on servers as they are in the field. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { refusingPort } from '../testing/dead-ports.ts';
import { FieldServer } from '../testing/field-server.ts';
import { extendedPortAt, type Mood } from '../testing/moods.ts';
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
  server.tree.put('/file', 'content');
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => !screen.ui.panes.right.isLoading);
}

test('a pane and a download work where the port of EPSV refuses', async () => {
  await connect(extendedPortAt(await refusingPort()));
  await screen.until('file ');
  screen.press('down', 'f5');
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  expect(server.lines).toContain('PASV');
});
