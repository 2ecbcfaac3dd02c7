import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClientJourney } from './client-journey.ts';

const MAGENTA = 5;
const [BLUE, CYAN] = [4, 6];

let journey: ClientJourney;
let remote: string;

beforeEach(async () => {
  journey = await ClientJourney.begin();
  remote = await journey.remoteHome;
});
afterEach(() => journey.end());

test('C marks what differs, and a copy brings just that', async () => {
  const time = new Date('2024-05-06T07:08:00Z');
  const write = async (name: string, sides: { local?: string; remote?: string }) => {
    if (sides.local !== undefined) await journey.writeLocal(name, sides.local);
    if (sides.remote !== undefined) await writeFile(join(remote, name), sides.remote);
    for (const side of ['local', 'remote'] as const) {
      const directory = side === 'local' ? journey.localPath : remote;
      if (sides[side] !== undefined) await utimes(join(directory, name), time, time);
    }
  };
  await write('same.txt', { local: 'ours', remote: 'them' });
  await write('longer.txt', { local: 'longer', remote: 'short' });
  await write('here.txt', { local: 'here' });
  await write('there.txt', { remote: 'there' });
  const terminal = await journey.logIn();
  await terminal.until((text) => text.includes('here.txt') && text.includes('there.txt'));
  terminal.press('tab');
  terminal.type('C');
  await terminal.until((text) => text.includes('*here.txt') && text.includes('*there.txt'));
  terminal.press('f5');
  await terminal.until('longer.txt exists');
  terminal.type('o');
  terminal.press('f9');
  await terminal.until(/here\.txt.*SHA-\d+ equal/);
  await terminal.until(/longer\.txt.*SHA-\d+ equal/);
  expect(terminal.text()).not.toContain('same.txt');
  expect((await readdir(remote)).sort()).toEqual([
    ...['here.txt', 'longer.txt', 'same.txt', 'there.txt'],
  ]);
  expect(await readFile(join(remote, 'longer.txt'), 'utf8')).toBe('longer');
  expect(await readFile(join(remote, 'same.txt'), 'utf8')).toBe('them');
});

describe('the mouse', () => {
  test('puts the cursor where it clicks, goes in, and moves by its wheel', async () => {
    await mkdir(join(remote, 'docs'));
    for (const name of ['one', 'two', 'three']) await writeFile(join(remote, 'docs', name), name);
    await journey.writeLocal('plain.txt', '');
    const terminal = await journey.logIn({ args: ['--plain', '--mouse', journey.url] });
    await terminal.until('docs/');
    await terminal.untilModes({ mouse: 'reported' });
    terminal.click('docs/');
    terminal.click('docs/');
    await terminal.until('three');
    terminal.click('two');
    terminal.press('f8');
    await terminal.until('y delete');
    terminal.click('plain.txt');
    terminal.type('y');
    await terminal.until((text) => !text.includes('two'));
    expect((await readdir(join(remote, 'docs'))).sort()).toEqual(['one', 'three']);
    // Three lines further is the last one.
    terminal.click('one');
    terminal.type('\x1b[<65;80;6M');
    terminal.press('f8');
    await terminal.until('y delete');
    terminal.type('y');
    await terminal.until((text) => !text.includes('three'));
    expect(existsSync(join(remote, 'docs', 'one'))).toBe(true);
  });

  test('is let go of and taken again by M', async () => {
    const terminal = await journey.logIn();
    await terminal.untilModes({ mouse: 'off' });
    terminal.type('M');
    await terminal.until('Mouse on');
    await terminal.untilModes({ mouse: 'reported' });
    terminal.type('M');
    await terminal.until('Mouse off');
    await terminal.untilModes({ mouse: 'off' });
  });
});

test.each([
  ['light', ['--theme', 'light'], {}, BLUE],
  ['light, as the terminal says', [], { COLORFGBG: '0;15' }, BLUE],
  ['dark', [], {}, CYAN],
  ['dark on wish', ['--theme', 'dark'], { COLORFGBG: '0;15' }, CYAN],
])(
  'the colours on a background that is %s',
  async (_, args, env, colour) => {
    await writeFile(join(remote, 'marked.txt'), '');
    await writeFile(join(remote, 'z.txt'), '');
    const terminal = await journey.logIn({ args: [...args, '--plain', journey.url], env });
    await terminal.until('marked.txt');
    expect(terminal.colourOf('╭ /')).toBe(colour);
    terminal.press('home');
    terminal.type(' ');
    await terminal.until('*marked.txt');
    if (colour === BLUE) expect(terminal.colourOf('marked.txt')).toBe(MAGENTA);
    else expect(terminal.colourOf('marked.txt')).not.toBe(MAGENTA);
  },
  40_000,
);
