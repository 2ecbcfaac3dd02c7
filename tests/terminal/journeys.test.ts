import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { ScriptedServer } from '../../tui-client/remote/testing/scripted-server.ts';
import { askForAccount } from '../../tui-client/testing/ask-for-account.ts';
import { CuttingProxy } from '../../tui-client/transfers/testing/cutting-proxy.ts';
import { ClientJourney } from './client-journey.ts';
import type { Terminal } from './terminal.ts';

const ACCOUNT = { username: 'berta', password: 'a long password' };

const MEBIBYTE = 1024 ** 2;

let journey: ClientJourney | undefined;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await journey?.end();
  journey = undefined;
  for (const close of closing.splice(0)) await close();
});

const digest = (octets: Buffer) => createHash('sha256').update(octets).digest('hex');

/** Into the local pane, and with the cursor on the first entry. */
async function goLeft(terminal: Terminal, seen: string): Promise<void> {
  await terminal.until(seen);
  terminal.press('tab', 'down');
}

test('sign up, upload a batch, verify, mirror, delete, quit: all over TLS', async () => {
  journey = await ClientJourney.begin({ settings: { tls: 'optional' } });
  const { server, localPath } = journey;
  await mkdir(join(localPath, 'site', 'img'), { recursive: true });
  const logo = randomBytes(3 * MEBIBYTE);
  await writeFile(join(localPath, 'site', 'img', 'logo.png'), logo);
  await writeFile(join(localPath, 'site', 'index.html'), '<h1>hello</h1>');
  await journey.writeLocal('notes.txt', 'notes');
  await journey.writeLocal('not this', 'stays here');

  const terminal = journey.start({ args: [] });
  await askForAccount(terminal, { port: server.port, ...ACCOUNT });
  expect(terminal.text()).not.toContain('a long password');
  terminal.type('o');
  await terminal.until(/Account .* created/);
  await terminal.until('TLS 1.3');

  await goLeft(terminal, 'notes.txt');
  // site/ and, behind "not this", notes.txt
  terminal.type(' ');
  terminal.press('down');
  terminal.type(' ');
  terminal.press('f5');
  await terminal.until('Queued 2 items for /');
  terminal.press('f9');
  await terminal.until(/logo\.png.*SHA-\d+ equal/);
  await terminal.until(/index\.html.*SHA-\d+ equal/);
  await terminal.until(/notes\.txt.*SHA-\d+ equal/);
  const home = await server.makeHome('berta');
  expect((await readdir(home)).sort()).toEqual(['notes.txt', 'site']);
  expect(digest(await readFile(join(home, 'site', 'img', 'logo.png')))).toBe(digest(logo));

  await writeFile(join(home, 'extra'), 'only on the server');
  terminal.press('f9');
  await terminal.until('5Copy');
  terminal.type('S');
  await terminal.until('Mirror');
  await terminal.until('- /extra');
  terminal.type('D');
  await terminal.until('Mirrored');
  expect((await readdir(home)).sort()).toEqual(['not this', 'notes.txt', 'site']);

  terminal.press('tab', 'home', 'ctrl-r');
  await terminal.until((text) => !text.includes('reading') && !text.includes('extra'));
  terminal.press('f8');
  await terminal.until('2 files in 2 directories');
  terminal.press('enter');
  await terminal.until('y delete');
  terminal.type('y');
  await terminal.until('deleted');
  expect((await readdir(home)).sort()).toEqual(['not this', 'notes.txt']);
  terminal.press('f10');
  expect(await terminal.exitCode).toBe(0);
});

test('an upload that is cut, with the connection, is carried on by itself', async () => {
  journey = await ClientJourney.begin();
  const proxy = await CuttingProxy.start({
    serverPort: journey.server.port,
    cutsAfterBytes: [5 * MEBIBYTE],
    kills: 'all',
  });
  closing.push(() => proxy.close());
  const film = randomBytes(12 * MEBIBYTE);
  await journey.writeLocal('film.mp4', film);
  const terminal = await journey.logIn({
    args: ['--plain', `ftp://anna@127.0.0.1:${proxy.port}`],
  });
  await goLeft(terminal, 'film.mp4');
  terminal.press('f5', 'f9');
  terminal.resize(70, 18);
  await terminal.until(/film\.mp4.*SHA-\d+ equal/);
  expect(proxy.cuts).toBe(1);
  const uploaded = await readFile(join(await journey.remoteHome, 'film.mp4'));
  expect(digest(uploaded)).toBe(digest(film));
  terminal.resize(30, 8);
  await terminal.until('too small');
  terminal.resize(100, 30);
  await terminal.until(/film\.mp4.*SHA-\d+ equal/);
  terminal.press('f10');
  expect(await terminal.exitCode).toBe(0);
});

test('a server that lies about names reaches nothing with them', async () => {
  const server = await ScriptedServer.start(
    async (verb, _, control) => {
      if (verb !== 'MLSD') return undefined;
      const names = [
        '\x1b]0;owned\x07title',
        '\x1b[2Jcleared',
        '../../escape',
        'fine.txt',
        'a\u202Etxt',
      ];
      const lines = names.map((name) => `type=file;size=3; ${name}\r\n`);
      await control.sendData(lines.join(''));
      return true;
    },
    { features: ['MLST type*;size*;', 'UTF8'] },
  );
  closing.push(() => server.close());
  journey = await ClientJourney.begin();
  const terminal = await journey.logIn({
    args: ['--plain', `ftp://anna@127.0.0.1:${server.port}`],
  });
  await terminal.until('fine.txt');
  const written = terminal.takeWritten();
  expect(terminal.text()).not.toMatch(/│ \S*escape/);
  expect(written).not.toContain('\x1b]0;owned');
  expect(written.split('\x1b[2J')).toHaveLength(2);
  expect(written).not.toContain('\u202E');
  terminal.press('f10');
  expect(await terminal.exitCode).toBe(0);
});

test('a quota that is exceeded is told in the words of the server', async () => {
  journey = await ClientJourney.begin();
  await journey.server.setQuota('anna', MEBIBYTE);
  await journey.writeLocal('big', randomBytes(3 * MEBIBYTE));
  const terminal = await journey.logIn();
  await goLeft(terminal, 'big');
  terminal.press('f5');
  await terminal.until('Not enough space');
  terminal.type('u');
  await terminal.until(/552 /);
  terminal.press('f9');
  await terminal.until(/✗ ↑ ?big.*552/);
});

test('the editor has the terminal for itself, and what it changed goes back', async () => {
  journey = await ClientJourney.begin();
  await writeFile(join(await journey.remoteHome, 'notes'), 'first\n');
  const terminal = await journey.logIn({
    env: { EDITOR: `sh -c 'echo in the editor; read line; echo "$line" >> "$1"' --` },
  });
  await terminal.until('notes');
  terminal.press('f4');
  await terminal.until('in the editor');
  terminal.type('second\r');
  await terminal.until(/Saved .* on the server/);
  const notes = await readFile(join(await journey.remoteHome, 'notes'), 'utf8');
  expect(notes).toBe('first\nsecond\n');
});
