import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

const APPEND = `sh -c 'echo more >> "$1"' --`;

/** What reads it gets EIO, as from a disk that fails. */
const BROKEN = '/proc/self/mem';

let server: FieldServer;
let screen: RunningScreen;

afterEach(async () => {
  await screen.dispose();
  await server?.close();
});

async function start({ editor = APPEND, mood = {} }: { editor?: string; mood?: Mood } = {}) {
  screen = await RunningScreen.start({ editor, size: { columns: 160, rows: 30 } });
  server = await FieldServer.start(mood);
  for (const path of ['/a', '/b', '/sub/c', '/sub/d']) server.tree.put(path, 'text\n');
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => screen.ui.panes.right.rows.length === 3);
  await screen.until(() => !screen.ui.panes.right.isLoading);
}

/** With `/a` and `/b` marked, and the cursor on `/sub/c`. */
async function markAndLeave(): Promise<void> {
  screen.press('down', 'space', 'space', 'home', 'enter');
  await screen.until(() => screen.ui.panes.right.path === '/sub');
  await screen.until(() => !screen.ui.panes.right.isLoading);
  screen.press('down');
}

const contents = () => ['/a', '/b', '/sub/c', '/sub/d'].map((path) => server.tree.text(path));

describe('editing is about the same as the other actions:', () => {
  test('what is marked in sight, one after the other', async () => {
    await start();
    screen.press('down', 'space', 'space', 'home', 'f4');
    await screen.until('Saved b on the server');
    expect(contents()).toEqual(['text\nmore\n', 'text\nmore\n', 'text\n', 'text\n']);
    await screen.until(() => screen.ui.panes.right.marks.size === 0);
  });

  test('marks elsewhere are named, and left alone', async () => {
    await start();
    await markAndLeave();
    screen.press('f4');
    const text = await screen.until('and 2 more in /');
    expect(text).toContain('Edit what?');
    expect(text).toContain('/sub/c');
    screen.press('h');
    await screen.until('Saved c on the server');
    expect(contents()).toEqual(['text\n', 'text\n', 'text\nmore\n', 'text\n']);
    expect(screen.ui.panes.right.marks.size).toBe(2);
  });

  test('with a key of their own they are edited, too', async () => {
    await start();
    await markAndLeave();
    screen.press('f4');
    await screen.until('and 2 more in /');
    screen.press('A');
    await screen.until('Saved b on the server');
    expect(contents()).toEqual(['text\nmore\n', 'text\nmore\n', 'text\nmore\n', 'text\n']);
  });

  test('and permissions', async () => {
    await start();
    await markAndLeave();
    screen.press('p');
    await screen.until('and 2 more in /');
    screen.press('h');
    await screen.until('Permissions of c');
  });
});

/** Where the sentence says that the text is. */
async function copyNamed(pattern: RegExp): Promise<string> {
  const text = await screen.until(pattern);
  return pattern.exec(text)?.[1] ?? '';
}

describe('what was edited is not lost', () => {
  test('if the server keeps less than was sent', async () => {
    await start({ mood: { keepsAtMost: 3 } });
    screen.press('down', 'f4');
    const copy = await copyNamed(/Your changes are in (\S+)\. \/a: the server has 3 of 10 bytes/);
    expect(await readFile(copy, 'utf8')).toBe('text\nmore\n');
    await rm(dirname(copy), { recursive: true });
  });

  test('if the server does not show what it has', async () => {
    let isBlind = false;
    const hide: NonNullable<Mood['answers']>[string] = (_, control) => {
      if (!isBlind) return undefined;
      control.say('550 Permission denied.');
      return true;
    };
    await start({
      mood: {
        answers: {
          SIZE: hide,
          LIST: hide,
          STOR: (_path, _control) => {
            isBlind = true;
            return undefined;
          },
        },
      },
    });
    screen.press('down', 'f4');
    const copy = await copyNamed(
      /Your changes are also in (\S+)\. The server does not show the file/,
    );
    expect(await readFile(copy, 'utf8')).toBe('text\nmore\n');
    await rm(dirname(copy), { recursive: true });
  });

  test('nothing is sent if the text cannot be read', async () => {
    await start({ editor: `sh -c 'rm "$1"; ln -s ${BROKEN} "$1"' --` });
    screen.press('down', 'f4');
    const text = await screen.until('Not uploaded: your edited copy cannot be read.');
    expect(text).toContain('the local disk failed');
    expect(server.tree.text('/a')).toBe('text\n');
    expect(server.lines.some((line) => line.startsWith('STOR'))).toBe(false);
  });

  test('nothing is edited if the server fails in the middle', async () => {
    await start({
      mood: {
        answers: {
          RETR: async (_path, control) => {
            control.say('150 Go on.');
            const data = await control.data();
            data.end('te');
            control.say('451 Input/output error.');
            return true;
          },
        },
      },
    });
    screen.press('down', 'f4');
    await screen.until('451 Input/output error');
    expect(server.tree.text('/a')).toBe('text\n');
    expect(screen.ui.screen).toBe('files');
  });
});

describe('the viewer', () => {
  test('says that the disk failed', async () => {
    await start();
    screen.press('tab', ':');
    await screen.until('Go to a local directory');
    screen.press('ctrl-u');
    screen.type(BROKEN);
    screen.press('enter');
    await screen.until(/\/proc\/\S+ .*mem/s);
    await screen.until(() => !screen.ui.panes.left.isLoading);
    screen.press('f3');
    await screen.until('mem: the local disk failed.');
    expect(screen.ui.screen).toBe('files');
  });

  test('shows all of a file that is said to be empty', async () => {
    await start();
    screen.press('tab', ':');
    await screen.until('Go to a local directory');
    screen.press('ctrl-u');
    screen.type('/proc/self/status');
    screen.press('enter');
    await screen.until(() => screen.ui.panes.left.path === '/proc/self');
    await screen.until(() => !screen.ui.panes.left.isLoading);
    screen.press('f3');
    await screen.until(/Name:\s+\S+/);
  });
});
