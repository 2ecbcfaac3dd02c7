import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ScriptedServer } from '../../tui-client/remote/testing/scripted-server.ts';
import { ClientJourney } from './client-journey.ts';
import type { Terminal } from './terminal.ts';

let journey: ClientJourney;
let server: ScriptedServer;
/** In the order in which they were sent. */
let stored: string[];
let release: () => void;

beforeEach(async () => {
  journey = await ClientJourney.begin();
  stored = [];
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  // Takes uploads, none of which comes to its end before the test wants it.
  server = await ScriptedServer.start(
    async (verb, argument, control) => {
      if (verb === 'MLST') return control.say('550 No such file.') ?? true;
      // Each file has one octet.
      if (verb === 'SIZE') return control.say('213 1') ?? true;
      if (verb === 'MKD') return control.say('257 Made.') ?? true;
      if (verb === 'MLSD') return (await control.sendData('')) ?? true;
      if (verb !== 'STOR') return undefined;
      stored.push(argument);
      control.say('150 Come.');
      const data = await control.data();
      const ended = once(data.resume(), 'end');
      await released;
      await ended;
      data.end();
      control.say('226 Done.');
      return true;
    },
    { features: ['MLST type*;size*;modify*;', 'UTF8'] },
  );
});
afterEach(async () => {
  release();
  await journey.end();
  await server.close();
});

/** Logged in, with the cursor in the local pane. */
async function logIn(seen: string): Promise<Terminal> {
  const terminal = await journey.logIn({
    args: ['--plain', `ftp://anna@127.0.0.1:${server.port}`],
  });
  await terminal.until(seen);
  terminal.press('tab');
  return terminal;
}

/** The queue, with fewer transfers at once. */
async function oneAtOnce(terminal: Terminal): Promise<void> {
  terminal.press('f9');
  await terminal.until('3 parallel');
  terminal.type('--');
  await terminal.until('1 parallel');
  terminal.press('f9');
  await terminal.until('5Copy');
}

test('what waits is put into another order, and more are let go at once', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await journey.writeLocal(`${name}.txt`, name);
  const terminal = await logIn('d.txt');
  await oneAtOnce(terminal);
  terminal.type('A');
  terminal.press('f5', 'f9');
  await terminal.until(/d\.txt.*waiting/);
  await terminal.until(() => stored.length === 1);
  const order = () =>
    [...terminal.text().matchAll(/^│ \S ↑ ([abcd])\.txt/gm)].map(([, name]) => name);
  // The last one goes up by two, and takes the cursor along.
  terminal.type('GKK');
  await terminal.until(() => order().join('') === 'adbc');
  terminal.type('J');
  await terminal.until(() => order().join('') === 'abdc');
  terminal.type('K+');
  await terminal.until('2 parallel');
  await terminal.until(() => stored.length === 2);
  release();
  await terminal.until(/c\.txt.*done/);
  expect(stored.map((path) => path.at(-5))).toEqual(['a', 'd', 'b', 'c']);
  terminal.press('f10');
  expect(await terminal.exitCode).toBe(0);
});

test('a directory is paused with what came from it, and carried on', async () => {
  await mkdir(join(journey.localPath, 'tree'));
  for (const name of ['tree/a.txt', 'tree/b.txt', 'z.txt']) await journey.writeLocal(name, 'x');
  const terminal = await logIn('tree/');
  await oneAtOnce(terminal);
  terminal.type('A');
  terminal.press('f5', 'f9');
  await terminal.until(/b\.txt.*waiting/);
  await terminal.until(() => stored.length === 1);
  terminal.press('home');
  await terminal.until(/tree\/.*all queued/);
  terminal.type(' ');
  await terminal.until(/b\.txt.*paused/);
  await terminal.until(/‖ ↑ tree\/.*paused/);
  await terminal.until(/a\.txt.*paused|z\.txt.*paused/);
  expect(terminal.text()).not.toMatch(/a\.txt.*(waiting|running)/);
  terminal.type(' ');
  await terminal.until(/b\.txt.*waiting/);
  await terminal.until(/tree\/.*all queued/);
  release();
  await terminal.until((text) => text.match(/\.txt.*done/g)?.length === 3);
  await terminal.until(/✓ ↑ tree\/.*done/);
  expect(await readdir(journey.localPath)).toEqual(['tree', 'z.txt']);
});

test('failed transfers are found with a key, filtered, and told with the reason', async () => {
  for (const name of ['a', 'b', 'c']) await journey.writeLocal(`${name}.txt`, name);
  const terminal = await logIn('c.txt');
  release();
  terminal.type('A');
  terminal.press('f5', 'f9');
  await terminal.until('Done 3');
  await journey.writeLocal('longer.txt', 'more than the one octet that the server tells');
  terminal.press('f9');
  await terminal.until('5Copy');
  terminal.press('ctrl-r');
  await terminal.until('longer.txt');
  terminal.press('end', 'f5', 'f9');
  await terminal.until('Failed 1 ');
  terminal.press('home');
  terminal.type('!');
  await terminal.until(/✗ ↑ longer\.txt +the server has 1 of 45 bytes/);
  await terminal.until(/↑ \/longer\.txt/);
  terminal.type('ff');
  await terminal.until('[Failed 1]');
  expect(terminal.text()).not.toContain('a.txt');
  terminal.type('c');
  await terminal.until('[Failed 0]');
  terminal.type('ff');
  await terminal.until('[All 3]');
});
