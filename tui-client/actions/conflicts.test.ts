import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { FieldServer } from '../testing/field-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

const TIME = new Date('2026-03-02T14:11:09Z');
const LATER = new Date('2026-03-02T15:00:00Z');

let screen: RunningScreen;
let field: FieldServer | undefined;

beforeEach(async () => {
  screen = await RunningScreen.start();
});
afterEach(async () => {
  await screen.dispose();
  await field?.close();
});

async function write(path: string, text: string, time = TIME): Promise<void> {
  await writeFile(path, text);
  await utimes(path, time, time);
}

/** Uploads the first local entry, which exists on the server. */
async function upload(port: number): Promise<string> {
  screen.connect(testSite(port));
  await screen.until('not encrypted');
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  await screen.until(() => !screen.ui.panes.right.isLoading);
  screen.press('tab', 'down', 'c');
  return screen.until('exists in /');
}

async function idle(): Promise<void> {
  await screen.until(() => screen.ui.dialog === undefined);
  await screen.app.connection.active?.queue.idle();
}

describe('a file that exists on a server with checksums', () => {
  let server: TestServer;
  let home: string;

  beforeEach(async () => {
    server = await TestServer.start();
    await server.signUp();
    home = join(server.rootDir, 'anna');
  });
  afterEach(() => server.dispose());

  test('is called the same by size and time, and its checksum is compared on a key', async () => {
    await write(join(screen.here, 'notes.txt'), 'hello');
    await write(join(home, 'notes.txt'), 'hello');
    const text = await upload(server.port);
    expect(text).toContain('Same size and time: probably the same file.');
    expect(text).toMatch(/local +5 bytes +2026-03-02 /);
    expect(text).toMatch(/remote +5 bytes +2026-03-02 /);
    expect(text).not.toMatch(/(here|there) .*newer/);
    expect(text).not.toContain('resume');
    screen.press('c');
    await screen.until(/SHA-\d+ equal: the files are identical/);
    screen.press('s');
    await idle();
    await screen.until(() => screen.ui.queue.jobs[0]?.state === 'skipped');
  });

  test('differs by its checksum, and the name of the copy is shown before both are kept', async () => {
    await write(join(screen.here, 'notes.txt'), 'hello', LATER);
    await write(join(home, 'notes.txt'), 'world');
    await write(join(home, 'notes (1).txt'), 'taken');
    const text = await upload(server.port);
    expect(text).toMatch(/local .* newer +source/);
    expect(text).toContain('Same size, different times.');
    expect(text).toContain('k keep both; save the copy as notes (2).txt');
    screen.press('c');
    await screen.until(/SHA-\d+ differs/);
    screen.press('k');
    await idle();
    expect(await readFile(join(home, 'notes (2).txt'), 'utf8')).toBe('hello');
    expect(await readFile(join(home, 'notes.txt'), 'utf8')).toBe('world');
  });

  test.each([
    ['is carried on if it is a beginning', 'hel', 'hello', /✓ ↑ notes/],
    ['stays if it is none', 'wor', 'wor', /✗ ↑ notes.*no beginning/],
  ])('and is shorter %s', async (_, before, after, row) => {
    await write(join(screen.here, 'notes.txt'), 'hello', LATER);
    await write(join(home, 'notes.txt'), before);
    const text = await upload(server.port);
    expect(text).toContain('r resume');
    expect(text).not.toContain('compare checksums');
    screen.press('r', 'f9');
    await screen.until(row);
    expect(await readFile(join(home, 'notes.txt'), 'utf8')).toBe(after);
  });

  test('is a directory, which nothing can replace', async () => {
    await write(join(screen.here, 'notes.txt'), 'hello');
    await mkdir(join(home, 'notes.txt'));
    const text = await upload(server.port);
    expect(text).toContain('a directory');
    for (const word of ['o overwrite', 'resume', 'only newer', 'checksums']) {
      expect(text).not.toContain(word);
    }
    screen.press('o', 'k');
    await idle();
    expect((await readdir(home)).sort()).toEqual(['notes (1).txt', 'notes.txt']);
  });
});

test('without checksums none is offered, and the time is asked for where a listing lacks it', async () => {
  field = await FieldServer.start();
  field.tree.put('/notes.txt', 'hello', TIME.getTime());
  await write(join(screen.here, 'notes.txt'), 'hello');
  const text = await upload(field.port);
  expect(text).toContain('Same size and time: probably the same file.');
  expect(text).not.toContain('checksums');
  screen.press('c', 's');
  await idle();
  await screen.until(() => screen.ui.queue.jobs[0]?.state === 'skipped');
});
