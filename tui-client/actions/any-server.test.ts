/** The screens on servers as they are in the field. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { Charset } from '../remote/connection/charset.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import {
  aheadOfUtc,
  EMPTY,
  extendedPortAt,
  REFUSING,
  refusingPwd,
  SILENT,
} from '../testing/moods.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: FieldServer;
let screen: RunningScreen;

beforeEach(async () => {
  screen = await RunningScreen.start();
});
afterEach(async () => {
  await screen.dispose();
  await server.close();
});

async function connect(mood: Mood, path = '/file'): Promise<void> {
  server = await FieldServer.start(mood);
  server.tree.put(path, 'content');
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => !screen.ui.panes.right.isLoading);
}

test('a pane and a download work where the port of EPSV refuses', async () => {
  await connect(extendedPortAt(await freePort()));
  await screen.until('file ');
  screen.press('down', 'f5');
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  expect(server.lines).toContain('PASV');
});

const intoSub = async (mood: Mood) => {
  await connect(mood, '/sub/file');
  server.tree.files.clear();
  screen.press('down', 'enter');
};

test.each(Object.entries(EMPTY))('a pane shows an empty directory of %s', async (_, mood) => {
  await intoSub(mood);
  await screen.until(() => screen.ui.panes.right.path === '/sub');
  const text = await screen.until(/│ \(empty\) +│$/m);
  expect(text).not.toContain('incomplete');
});

/** One depends on the name of the directory. */
const refusing = Object.entries(REFUSING).filter(([title]) => title !== 'a name in the words');

test.each(refusing)('a pane says that a directory is not listed: %s', async (title, mood) => {
  await intoSub(mood);
  await screen.until('Could not list /sub');
  // A directory that is forbidden may be a drop box, and can be entered.
  const { path, gap } = screen.ui.panes.right;
  if (title === 'no such file') expect(path).toBe('/');
  else expect([path, gap]).toEqual(['/sub', expect.stringContaining('Could not list')]);
});

test.each(Object.entries(SILENT))('a pane says that nothing came: %s', async (_, mood) => {
  await intoSub(mood);
  await screen.until('the listing is incomplete: the server');
  expect(screen.ui.panes.right.path).toBe('/sub');
});

test('without PWD the right pane begins at the root', async () => {
  await connect(refusingPwd('500 What?'));
  await screen.until('file ');
  expect(screen.ui.panes.right.path).toBe('/');
});

test('a pane shows times of LIST with a sign, in the time zone of the user', async () => {
  await connect(aheadOfUtc(90));
  server.tree.put('/old', 'content', Date.UTC(2020, 0, 2, 3, 4, 5));
  server.tree.put('/now', 'content', Date.now());
  screen.press('ctrl-r');
  await screen.until(/now +7 +\d{4}-\d\d-\d\d~\d\d:\d\d/);
  await screen.until(/old +7 +2020-01-02/);
  const { entry } = screen.ui.panes.right.rows.find((row) => row.entry.name === 'now') ?? {};
  expect(Math.abs((entry?.approximateTime?.ms ?? 0) - Date.now())).toBeLessThan(3 * 60_000);
});

test('names in the encoding of the site are shown, and sent', async () => {
  server = await FieldServer.start({ charset: new Charset('windows-1251') });
  server.tree.put('/имя/файл', 'content');
  screen.connect(testSite(server.port, { encoding: 'windows-1251' }));
  await screen.until('имя/');
  screen.press('down', 'enter');
  await screen.until('файл');
  screen.press('down', 'f5');
  await screen.until(() => screen.ui.panes.left.rows.some(({ entry }) => entry.name === 'файл'));
  screen.press('f7');
  screen.type('я');
  screen.press('enter');
  await screen.until('я/');
  expect(server.tree.isDirectory('/имя/я')).toBe(true);
});
