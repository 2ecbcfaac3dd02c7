import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { formValue } from '../state/form.ts';
import { askForAccount } from '../testing/ask-for-account.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: TestServer;
let screen: RunningScreen;

beforeEach(async () => {
  server = await TestServer.start({ settings: { tls: 'optional' } });
  await server.signUp();
  screen = await RunningScreen.start();
});

afterEach(async () => {
  await screen.dispose();
  await server.dispose();
});

const log = () => screen.ui.log.lines.join('\n');

describe('signing up', () => {
  test('makes an account over TLS and logs in', async () => {
    screen.type('127.0.0.1');
    screen.press('tab', 'ctrl-u');
    screen.type(String(server.port));
    screen.press('shift-tab', 'shift-tab', 'left', 'enter');
    await screen.until('New account on 127.0.0.1');
    screen.type('berta');
    screen.press('tab');
    screen.type('short');
    screen.press('tab', 'tab', 'enter');
    await screen.until('at least 8 characters.');
    screen.type('enough now');
    screen.press('tab');
    screen.type('shortenough now');
    expect(await screen.text()).not.toContain('enough');
    screen.press('tab', 'enter');
    await screen.until('Unknown server certificate');
    expect(log()).not.toContain('SIGNUP');
    screen.press('o');
    await screen.until(/Account .* created/);
    expect(log()).not.toContain('enough');
    const account = await server.withDatabase(({ accounts }) => accounts.findByUsername('berta'));
    expect(account?.username).toBe('berta');
  });

  test('that the server refuses can be mended', async () => {
    screen.type('127.0.0.1');
    screen.press('tab', 'ctrl-u');
    screen.type(String(server.port));
    screen.press('shift-tab', 'shift-tab', 'left', 'enter');
    await screen.until('New account on');
    screen.type('anna');
    screen.press('tab');
    screen.type('long enough');
    screen.press('tab');
    screen.type('long enough');
    screen.press('tab', 'enter');
    await screen.until('Unknown server certificate');
    screen.press('t');
    await screen.until(/New account on[\s\S]*taken/i);
  });

  test('keys that come right behind a refused one reach no other form', async () => {
    screen.type('127.0.0.1');
    screen.press('tab', 'ctrl-u');
    screen.type(String(server.port));
    const { form } = screen.ui.login;
    screen.press('shift-tab', 'shift-tab', 'left', 'enter');
    await screen.until('New account on');
    screen.type('anna');
    screen.press('tab');
    screen.type('long');
    screen.press('tab', 'tab', 'enter', 'end');
    screen.type(' enough');
    await screen.until('at least 8 characters.');
    screen.press('tab');
    screen.type('long enough');
    screen.press('tab', 'enter', 'tab', 'tab', 'x', 'enter');
    await screen.until('Unknown server certificate');
    screen.press('t', 'tab', 'tab', 'x');
    await screen.until(/New account on[\s\S]*taken/i);
    screen.press('escape');
    await screen.until(() => screen.ui.dialog === undefined);
    for (const name of ['host', 'port', 'username', 'password']) {
      expect(formValue(screen.ui.login.form, name)).toBe(formValue(form, name));
    }
  });

  test('is told not to be there, where it is off', async () => {
    await server.dispose();
    server = await TestServer.start({ settings: { tls: 'optional', signup: 'off' } });
    const account = { username: 'berta', password: 'long enough' };
    await askForAccount(screen, { port: server.port, ...account });
    screen.press('t');
    await screen.until('This server has no sign-up');
    expect(log()).not.toContain('SIGNUP');
    await screen.until((text) => !/New account|Create account/.test(text));
    // Another server may have it.
    for (let i = 0; i < 9; i++) screen.press('shift-tab');
    screen.type('x');
    await screen.until('Create account');
  });

  test('is not offered for a server that was seen to have none', async () => {
    const { directory } = server;
    await server.stop();
    server = await TestServer.start({ directory, settings: { tls: 'optional', signup: 'off' } });
    screen.press('tab', 'ctrl-u');
    screen.type(String(server.port));
    screen.press('shift-tab');
    screen.type('127.0.0.1');
    await screen.until('Create account');
    screen.connect(testSite(server.port));
    await screen.until('not encrypted');
    screen.press('f2');
    const text = await screen.until('Connect ─');
    expect(text).not.toContain('Create account');
  });

  test('is not done in clear', async () => {
    screen.type('127.0.0.1');
    screen.press('tab', 'tab', 'right', 'right');
    screen.press('shift-tab', 'shift-tab', 'shift-tab', 'shift-tab', 'enter');
    await screen.until('requires TLS');
  });
});
