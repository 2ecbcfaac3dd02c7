import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';
import { CuttingProxy } from '../transfers/testing/cutting-proxy.ts';

const film = Buffer.alloc(6_000_000, 'film');

let server: TestServer;
let proxy: CuttingProxy;
let screen: RunningScreen;

beforeEach(async () => {
  server = await TestServer.start();
  await server.signUp();
  await writeFile(join(server.rootDir, 'anna', 'film.mkv'), film);
  proxy = await CuttingProxy.start({
    serverPort: server.port,
    cutsAfterBytes: [2_000_000],
    kills: 'none',
  });
  screen = await RunningScreen.start();
});
afterEach(async () => {
  await screen.dispose();
  await proxy.close();
  await server.dispose();
});

/** A download is under way when nothing of the server can be reached any more. */
async function loseServer(): Promise<void> {
  screen.connect(testSite(proxy.port));
  await screen.until('film.mkv');
  await screen.until(() => !screen.ui.panes.right.isLoading);
  screen.press('c');
  await proxy.held;
  await screen.until(() => (screen.ui.queue.running[0]?.doneBytes ?? 0) > 0);
  proxy.goDown();
}

async function isWhole(): Promise<void> {
  await screen.until(() => screen.ui.queue.totals.done === 1);
  expect(film.equals(await readFile(join(screen.here, 'film.mkv')))).toBe(true);
}

test('a lost connection names the file that waits, what is kept of it, and when it is tried again', async () => {
  await loseServer();
  await screen.until(/reconnecting in \d s \(\d of 8\)\. film\.mkv waits, 1\.\d M kept\. +r now/);
  await screen.until(/↓ film\.mkv +try \d in \d s, 1\.\d M kept: /);
  screen.press('f9');
  await screen.until(/… ↓ film\.mkv.*try \d in \d s, 1\.\d M kept/);
  proxy.comeBack();
  // In the queue, too, keys are about the attempts.
  await screen.until(/reconnecting.*r now/);
  screen.press('r');
  await isWhole();
});

test('Esc stops all attempts, and Ctrl-R makes them again', async () => {
  await loseServer();
  await screen.until(/reconnecting.*Esc stop/);
  screen.press('escape');
  await screen.until(/film\.mkv waits, 1\.\d M kept\. +Ctrl-R reconnects/);
  await screen.until(/↓ film\.mkv +try \d after reconnecting, 1\.\d M kept/);
  proxy.comeBack();
  screen.press('ctrl-r');
  await screen.until('Reconnected.');
  await isWhole();
});
