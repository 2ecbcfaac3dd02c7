import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openDirectory } from './actions/read-directory.ts';
import { nastyNames } from './testing/nasty-names.ts';
import { RunningScreen } from './testing/running-screen.tsx';

let screen: RunningScreen;

afterEach(() => screen.dispose());

/** The local pane, with these files. */
async function showLocal(names: readonly string[]): Promise<void> {
  for (const name of names) await writeFile(join(screen.here, name), 'x');
  screen.app.ui.dispatch({ type: 'screenShown', screen: 'files' });
  screen.app.ui.dispatch({ type: 'activated', side: 'left' });
  await openDirectory(screen.app, 'left', { path: screen.here });
}

test.each([
  [40, 10],
  [60, 16],
  [80, 24],
  [120, 40],
  [200, 60],
])('all of the screen is there at %i by %i, with a dialog and without', async (columns, rows) => {
  screen = await RunningScreen.start({ size: { columns, rows } });
  await showLocal(['one', 'two']);
  const lines = (await screen.until('one')).split('\n');
  expect(lines).toHaveLength(rows);
  expect(lines[0]).toContain('MyFTP');
  expect(lines.at(-1)).toContain('1Hel');
  screen.press('?');
  const withHelp = (await screen.until('Type to filter')).split('\n');
  expect(withHelp).toHaveLength(rows);
  expect(withHelp[0]).toContain('MyFTP');
  expect(withHelp.at(-1)).toContain('Esc close');
});

test('the keys that are named and that work are those of the user', async () => {
  const keys = {
    help: ['f11'],
    quit: ['ctrl-q'],
    interrupt: ['ctrl-x'],
    'form.cancel': ['ctrl-g'],
  };
  screen = await RunningScreen.start({ keys: { ...keys, 'help.cancel': ['ctrl-g'] } });
  await screen.until('F11 help  Ctrl-Q quit');
  screen.press('ctrl-x');
  await screen.until('Ctrl-X again quits.');
  screen.press('f11');
  const text = await screen.until('Ctrl-G close');
  // Letters are typed into the form.
  expect(text).toMatch(/│ +show or hide the log/);
  screen.press('ctrl-g');
  await screen.until((text) => !text.includes('Type to filter'));
});

test.each([60, 71, 72, 80, 120])('the form to connect is whole at %i columns', async (columns) => {
  screen = await RunningScreen.start({ size: { columns, rows: 16 } });
  const text = await screen.until('Save ]');
  expect(text).toMatch(/○ none\s+│/);
  expect(text).toMatch(/save in the keyring\s+│/);
});

test('there is one pane where two have no room, and Tab goes to the other', async () => {
  screen = await RunningScreen.start({ size: { columns: 50, rows: 16 } });
  await showLocal(['mine']);
  await screen.until('mine');
  screen.press('tab');
  await screen.until((text) => !text.includes('mine'));
});

test('a window that is too small says so, and one that grows again shows all', async () => {
  screen = await RunningScreen.start({ size: { columns: 39, rows: 10 } });
  await screen.until('too small');
  screen.app.ui.dispatch({ type: 'resized', columns: 60, rows: 10 });
  await screen.until((text) => !text.includes('too small'));
});

test('the cursor stays on its entry and on the screen when the window changes', async () => {
  screen = await RunningScreen.start({ size: { columns: 80, rows: 40 } });
  await showLocal(Array.from({ length: 60 }, (_, index) => `f${index}`));
  for (let times = 0; times < 30; times++) screen.press('down');
  screen.app.ui.dispatch({ type: 'resized', columns: 80, rows: 16 });
  await screen.until(/\bf29\b/);
  const { cursor, top, height } = screen.ui.panes.left;
  expect(cursor).toBe(30);
  expect(cursor - top).toBeLessThan(height);
});

test('names cannot do anything to the terminal', async () => {
  screen = await RunningScreen.start();
  await showLocal(nastyNames);
  await screen.text();
  const { written } = screen;
  for (const name of nastyNames.filter((one) => /\p{Cc}/u.test(one))) {
    expect(written).not.toContain(name);
  }
});
