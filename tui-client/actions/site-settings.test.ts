import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { ConnectProxy } from '../remote/testing/connect-proxy.ts';
import { focusedEntry } from '../state/form.ts';
import { RunningScreen } from '../testing/running-screen.tsx';

let server: TestServer;
let proxy: ConnectProxy;
let screen: RunningScreen;

beforeEach(async () => {
  server = await TestServer.start();
  await server.signUp();
  proxy = await ConnectProxy.start('ben:secret');
  screen = await RunningScreen.start();
});
afterEach(async () => {
  await screen.dispose();
  await proxy.close();
  await server.dispose();
});

const focused = () => focusedEntry(screen.ui.login.form)?.name;

/** From the field for the server: what it takes to log in, and the settings, of which the first has the focus. */
function fillIn(): void {
  screen.type('127.0.0.1');
  screen.press('tab', 'ctrl-u');
  screen.type(String(server.port));
  screen.press('tab', 'right', 'right', 'tab');
  screen.type('anna');
  screen.press('tab');
  screen.type('correct horse');
  screen.press('tab', 'tab', 'tab', 'tab', 'space');
}

test('a site is saved with proxy and limit, connected to through them, and edited', async () => {
  fillIn();
  expect(focused()).toBe('passiveHost');
  screen.press('tab');
  await screen.until('socks5://host:1080');
  screen.type(proxy.url('ben@'));
  screen.press('tab');
  screen.type('5M');
  screen.press('tab', 'tab', 'tab', 'tab', 'tab', 'tab', 'enter');
  await screen.until('Save as a site');
  screen.type('far');
  screen.press('enter');
  await screen.until('You can also connect');
  const file = await readFile(join(screen.home, '.config/myftp/sites.toml'), 'utf8');
  expect(file).toContain(`proxy = "${proxy.url('ben@')}"\nlimit-rate = "5M"\n`);

  screen.press('shift-tab', 'shift-tab', 'enter');
  await screen.until('Password of ben at the proxy 127.0.0.1');
  screen.type('wrong');
  screen.press('enter');
  await screen.until('refuses the user or');
  expect(focused()).not.toBe('password');
  screen.press('enter');
  await screen.until('Password of ben at the proxy 127.0.0.1');
  screen.type('secret');
  expect(await screen.text()).not.toContain('secret');
  screen.press('enter');
  await screen.until('not encrypted');
  await screen.until(() => !screen.ui.panes.right.isLoading);
  expect(proxy.hosts).toEqual(['127.0.0.1', '127.0.0.1']);
  screen.press('f9');
  await screen.until('limit 5M/s');

  screen.press('f9', 'f2');
  await screen.until(() => screen.ui.login.part === 'sites');
  screen.press('e');
  await screen.until(/Limit +5M/);
  for (let count = 0; count < 7; count += 1) screen.press('shift-tab');
  screen.press('ctrl-u');
  screen.type('fast');
  for (let count = 0; count < 6; count += 1) screen.press('tab');
  screen.press('enter');
  await screen.until('Give bytes per second');
  expect(focused()).toBe('limitRate');
});

test('the field with the focus is in sight on a low screen', async () => {
  await screen.dispose();
  screen = await RunningScreen.start({ size: { columns: 80, rows: 12 } });
  fillIn();
  screen.press('tab', 'tab');
  await screen.until(/Limit +bytes per second|Limit .*octets a second/);
  screen.type('x');
  screen.press('enter');
  await screen.until('Give bytes per second');
  await screen.until(/Limit +x/);
});
