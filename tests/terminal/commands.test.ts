import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClientJourney, PASSWORD } from './client-journey.ts';
import { thenTell } from './programs.ts';
import { RESTORED } from './terminal.ts';

/** Has a bug when it gets SIGUSR2. */
const FAULTY = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    'process.on("SIGUSR2", () => { throw new Error("thrown on wish"); });',
  )}`,
};

let journey: ClientJourney;

beforeEach(async () => {
  journey = await ClientJourney.begin();
});
afterEach(() => journey.end());

describe('a password is asked for, and not shown,', () => {
  test('by ls', async () => {
    await writeFile(join(await journey.remoteHome, 'notes.txt'), '');
    const terminal = journey.start({ args: ['ls', '--plain', `${journey.url}/`] });
    await terminal.until('Password of anna at 127.0.0.1:');
    terminal.type(PASSWORD);
    // Ctrl-T shows passwords in other programs that ask like this.
    terminal.type('\x14');
    terminal.type('\r');
    await terminal.until('notes.txt');
    expect(terminal.takeWritten()).not.toContain(PASSWORD);
    expect(await terminal.exitCode).toBe(0);
  });

  test('by ls, which tells that it is wrong by its exit code', async () => {
    const terminal = journey.start({ args: ['ls', '--plain', `${journey.url}/`] });
    await terminal.until('Password of anna');
    terminal.type('wrong\r');
    await terminal.until('530 ');
    expect(await terminal.exitCode).toBe(3);
  });

  test('by signup, until it was said twice', async () => {
    const url = journey.url.replace('anna', 'berta');
    const terminal = journey.start({ args: ['signup', '--plain', url] });
    for (const again of [PASSWORD.toUpperCase(), PASSWORD]) {
      await terminal.until(/New password of berta at 127\.0\.0\.1:\s*(\[.*\])?$/);
      terminal.type(`${PASSWORD}\r`);
      await terminal.until(/Confirm password:\s*(\[.*\])?$/);
      terminal.type(`${again}\r`);
      if (again !== PASSWORD) await terminal.until('The passwords do not match.');
    }
    await terminal.until('Account berta created');
    expect(terminal.takeWritten()).not.toContain(PASSWORD);
    expect(await terminal.exitCode).toBe(0);
    expect(existsSync(join(journey.server.rootDir, 'berta'))).toBe(true);
  });

  test('and Ctrl-C at the question ends it with 130', async () => {
    const terminal = journey.start({
      args: ['ls', '--plain', `${journey.url}/`],
      inside: thenTell,
    });
    await terminal.until('Password of anna');
    terminal.press('ctrl-c');
    await terminal.until('told');
    expect(terminal.text()).toContain('exit code 130');
    expect(terminal.text()).toMatch(/[^-]echo /);
  });
});

test('a transfer tells how far it is in one line, which goes when it is done', async () => {
  const octets = Buffer.alloc(600_000, 'x');
  await journey.writeLocal('big', octets);
  const terminal = journey.start({
    args: ['put', '--plain', '--limit-rate', '300k', 'big', `${journey.url}/`],
  });
  await terminal.until('Password of anna');
  terminal.type(`${PASSWORD}\r`);
  await terminal.until(/0 of 1 file .* [1-9]\d? %.*big/);
  expect(await terminal.exitCode).toBe(0);
  await terminal.until('SHA-256 equal');
  expect(terminal.text()).not.toContain('of 1 file');
  expect(octets.equals(await readFile(join(await journey.remoteHome, 'big')))).toBe(true);
});

describe('a bug ends the client with 70', () => {
  test('in a command', async () => {
    const terminal = journey.start({ args: ['ls', '--plain', journey.url], env: FAULTY });
    await terminal.until('Password of anna');
    terminal.signal('SIGUSR2');
    expect(await terminal.exitCode).toBe(70);
    await terminal.until('Error: thrown on wish');
  });

  test('in the screens, which leave the terminal as it was found', async () => {
    const terminal = await journey.logIn({ env: FAULTY });
    terminal.signal('SIGUSR2');
    expect(await terminal.exitCode).toBe(70);
    await terminal.until('bug: Error: thrown on wish');
    await terminal.untilModes(RESTORED);
  });
});
