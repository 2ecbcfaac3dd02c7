import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { pasteText } from '../input/press-key.ts';
import { focusedEntry, formValue } from '../state/form.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';
import { rememberServer } from './remember-server.ts';

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
/** Connected, and done with reading what is there. */
const isListed = (text: string) => text.includes('TLS 1.3') && !text.includes('reading');
const site = () => testSite(server.port, { tls: 'explicit' });

describe('a certificate that nobody vouches for', () => {
  test('is shown with its fingerprint before the name or the password is sent', async () => {
    screen.connect(site());
    const text = await screen.until('Unknown server certificate');
    const fingerprint = server.fingerprint256 ?? 'none';
    expect(text.replace(/[\s│]/g, '')).toContain(fingerprint.slice(0, 47));
    expect(text.replace(/[\s│]/g, '')).toContain(fingerprint.slice(-47));
    expect(log()).not.toMatch(/> (USER|PASS)/);
    screen.press('enter');
    expect(screen.ui.dialog?.topic).toBe('certificate');
    screen.press('escape');
    await screen.until('is not trusted');
    expect(log()).not.toMatch(/> (USER|PASS)/);
  });

  test('that is trusted once is asked about again, one that is trusted always is not', async () => {
    screen.connect(site());
    await screen.until('Unknown server certificate');
    screen.press('o');
    await screen.until(isListed);
    await screen.app.connection.active?.close();
    screen.connect(site());
    await screen.until('Unknown server certificate');
    screen.press('t');
    await screen.until(isListed);
    await screen.app.connection.active?.close();
    screen.connect(site());
    await screen.until('TLS 1.3');
    expect(screen.ui.dialog).toBeUndefined();
  });

  test('that is not the one that was trusted has no "always"', async () => {
    const other = Array.from({ length: 32 }, () => 'AB').join(':');
    await screen.app.services.pins.pin(site(), other);
    screen.connect(site());
    const text = await screen.until('CERTIFICATE HAS CHANGED');
    expect(text).not.toContain('always');
    screen.press('t');
    expect(screen.ui.dialog?.topic).toBe('certificate');
    expect(log()).not.toMatch(/> (USER|PASS)/);
  });
});

test('a wrong password is told in the words of the server, and the next one lets in', async () => {
  screen.connect(testSite(server.port), 'wrong');
  await screen.until(/530 /);
  expect(screen.ui.screen).toBe('login');
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
});

test('the log has times and connection numbers, and is written to a file on demand', async () => {
  screen.connect(testSite(server.port));
  // The notice takes the place of another one.
  await screen.until('Connected.');
  screen.press('a', 'home');
  await screen.until(/\d\d:\d\d:\d\d\.\d{3} 1 > USER anna/);
  screen.press('w');
  await screen.until(/Write \d+ lines[\s\S]*File +myftp\.log/);
  screen.press('enter');
  await screen.until('Written to');
  const path = join(screen.here, 'myftp.log');
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/^[\d:.]{12} 1 > PASS \*{4}$/m);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  screen.press('w');
  await screen.until(/Write \d+ lines[\s\S]*File +myftp\.log/);
  screen.press('enter');
  await screen.until('already exists');
});

test('a password that was not typed is asked for', async () => {
  screen.connect(testSite(server.port), '');
  await screen.until('Password of anna@127.0.0.1');
  screen.type('correct horse');
  expect(await screen.text()).not.toContain('correct horse');
  screen.press('enter');
  await screen.until('not encrypted');
});

test('nobody there is told', async () => {
  const port = await freePort();
  screen.connect(testSite(port));
  await screen.until(`No connection to 127.0.0.1:${port}`);
});

test('the form is saved as a site, which Enter connects to', async () => {
  screen.type('127.0.0.1');
  screen.press('tab', 'ctrl-u');
  screen.type(String(server.port));
  screen.press('tab', 'right', 'right', 'tab');
  screen.type('anna');
  screen.press('shift-tab', 'shift-tab', 'shift-tab', 'shift-tab', 'enter');
  await screen.until('Save as a site');
  screen.press('ctrl-u');
  screen.type('work');
  screen.press('enter');
  await screen.until('You can also connect');
  screen.press('escape');
  await screen.until(() => screen.ui.login.part === 'sites');
  screen.press('enter');
  await screen.until('Password of anna');
  screen.type('correct horse');
  screen.press('enter');
  await screen.until('work  anna@127.0.0.1');
});

describe('the form', () => {
  const value = (name: string) => formValue(screen.ui.login.form, name);

  test('takes a URL that is pasted into Server apart, and Enter in any field connects', async () => {
    const url = `ftp://anna:wrong%21@127.0.0.1:${server.port}/www`;
    pasteText(screen.app, `${url}\n`);
    expect(['host', 'port', 'username', 'password', 'remotePath', 'tls'].map(value)).toEqual([
      ...['127.0.0.1', String(server.port), 'anna', 'wrong!', '/www', 'explicit'],
    ]);
    screen.press('tab', 'tab', 'enter');
    await screen.until('Unknown server certificate');
    screen.press('o');
    await screen.until(/530 /);
    expect(focusedEntry(screen.ui.login.form)?.name).toBe('password');
    screen.type('correct horse');
    screen.press('enter');
    await screen.until('Unknown server certificate');
    screen.press('o');
    await screen.until(isListed);
  });

  test('says what is wrong with a URL, and does not connect', async () => {
    pasteText(screen.app, 'sftp://anna@h/');
    screen.press('enter');
    await screen.until('expected ftp://');
    expect(screen.ui.login.isConnecting).toBe(false);
  });

  test('gives its password to a new account', async () => {
    pasteText(screen.app, `ftp://berta:long%20enough@127.0.0.1:${server.port}/`);
    screen.press('shift-tab', 'shift-tab', 'enter');
    await screen.until('New account on');
    screen.type('long enough');
    screen.press('enter');
    await screen.until('Unknown server certificate');
    screen.press('o');
    await screen.until(/Account .* created/);
  });
});

describe('a server without a bookmark', () => {
  test('is below the sites afterwards, without its password, and offered once as a site', async () => {
    screen.connect(testSite(server.port));
    await screen.until(/Connected\. +Tab other pane +F5 copy +F1 help +W save as site/);
    screen.press('f2');
    await screen.until(new RegExp(`127.0.0.1:${server.port} +recent, anna`));
    const kept = await readFile(join(screen.home, '.local/state/myftp/recent.toml'), 'utf8');
    expect(kept).not.toContain('horse');
    screen.connect(testSite(server.port));
    await screen.until('not encrypted');
    await screen.until(() => !screen.ui.login.isConnecting);
    expect(screen.ui.notice?.hint ?? '').not.toContain('save as site');
  });

  test('is saved by the key, and then is no recent one', async () => {
    screen.connect(testSite(server.port));
    await screen.until('W save as site');
    screen.press('W');
    await screen.until('Save as a site');
    screen.type('work');
    screen.press('enter');
    await screen.until('You can also connect');
    screen.press('f2');
    const text = await screen.until(/work +127\.0\.0\.1/);
    expect(text).not.toContain('recent');
  });

  test('does not take the place of what the user is reading', async () => {
    screen.app.ui.notify('2 marked.');
    await rememberServer(screen.app, testSite(server.port));
    expect(screen.ui.notice?.text).toBe('2 marked.');
    screen.app.ui.notify('');
    await rememberServer(screen.app, testSite(server.port, { username: 'ben' }));
    expect(screen.ui.notice?.text).toBe('New server.');
  });

  test('is forgotten by the key', async () => {
    screen.connect(testSite(server.port));
    await screen.until('Connected.');
    screen.press('f2');
    await screen.until('recent');
    screen.press('d');
    await screen.until((text) => !text.includes('recent'));
  });
});

describe('a connection that is lost and given up', () => {
  /** Esc ends the attempts. */
  async function giveUp(): Promise<void> {
    await screen.until(/reconnecting.*r now {2}Esc stop/);
    screen.press('escape');
    await screen.until('Ctrl-R reconnects');
  }

  /** The same server, at the same port. */
  async function startAgain(): Promise<void> {
    const { directory, port } = server;
    server = await TestServer.start({ directory, settings: { port } });
  }

  test('is made again by what needs it, and Ctrl-R means it in either pane', async () => {
    const site = testSite(server.port);
    await mkdir(join(await server.makeHome('anna'), 'below'));
    screen.connect(site);
    await screen.until('below');
    await server.stop({ graceMs: 0 });
    await giveUp();
    // Keys that are about the attempts are ordinary keys again.
    screen.press('r');
    await screen.until('Rename');
    screen.press('escape', 'enter');
    await giveUp();
    screen.press('tab', 'ctrl-r');
    await giveUp();
    await startAgain();
    screen.press('tab', 'down', 'enter');
    await screen.until(() => screen.ui.panes.right.path === '/below');
    expect(screen.ui.connection.state).toBe('online');
  });

  test('is made again by the keys that the user has chosen', async () => {
    await screen.dispose();
    const keys = { reload: ['ctrl-t'], 'retry-now': ['f11'], 'retry-stop': ['f12'] };
    screen = await RunningScreen.start({ keys });
    screen.connect(testSite(server.port));
    await screen.until('not encrypted');
    await server.stop({ graceMs: 0 });
    await screen.until(/reconnecting.*F11 now {2}F12 stop/);
    screen.press('f12');
    await screen.until('Ctrl-T reconnects');
    await startAgain();
    screen.press('ctrl-t');
    await screen.until(() => screen.ui.connection.state === 'online');
  });
});
