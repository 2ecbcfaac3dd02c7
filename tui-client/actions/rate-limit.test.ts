import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: TestServer;
let screen: RunningScreen;

beforeEach(async () => {
  server = await TestServer.start();
  await server.signUp();
  screen = await RunningScreen.start();
  await writeFile(join(screen.here, 'large'), Buffer.alloc(1_000_000));
});
afterEach(async () => {
  await screen.dispose();
  await server.dispose();
});

/** Uploads the file, which the limit of the site makes slow, and shows the queue. */
async function uploadSlowly(): Promise<void> {
  screen.connect({ ...testSite(server.port), limitBytesPerSecond: 2048 });
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  await screen.until(() => !screen.ui.panes.right.isLoading);
  screen.press('tab', 'down', 'f5');
  await screen.until(() => screen.ui.queue.totals.running === 1);
  screen.press('f9');
}

test('the limit of a site is shown, and one that is lifted lets running transfers go on at once', async () => {
  await uploadSlowly();
  await screen.until('limit 2k/s');
  screen.press('l');
  await screen.until('Rate limit for all transfers');
  screen.press('backspace', 'backspace', 'enter');
  await screen.app.connection.active?.queue.idle();
  expect(await screen.text()).not.toContain('at most');
  await screen.until(() => screen.ui.queue.totals.done === 1);
});

test('another limit is shown, and what is none is refused', async () => {
  await uploadSlowly();
  screen.press('l');
  await screen.until('Rate limit for all transfers');
  screen.press('backspace', 'backspace');
  screen.type('fast');
  screen.press('enter');
  await screen.until('Give bytes per second, for example 500k or 2M.');
  expect(screen.app.connection.active?.session.rate.bytesPerSecond).toBe(2048);
  screen.press('l');
  await screen.until('Rate limit for all transfers');
  screen.press('backspace', 'backspace');
  screen.type('3k');
  screen.press('enter');
  await screen.until('limit 3k/s');
  expect(screen.app.connection.active?.session.rate.bytesPerSecond).toBe(3072);
});
