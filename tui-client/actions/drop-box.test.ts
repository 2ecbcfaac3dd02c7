import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { FieldServer } from '../testing/field-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';

let server: FieldServer;
let screen: RunningScreen;

afterEach(async () => {
  await screen.dispose();
  await server.close();
});

test('a file that the server takes and does not show is done, and the queue says so', async () => {
  server = await FieldServer.start({
    list: () => '',
    answers: {
      SIZE: (_, control) => {
        control.say('550 No such file.');
        return true;
      },
    },
  });
  screen = await RunningScreen.start({ size: { columns: 120, rows: 30 } });
  await writeFile(join(screen.here, 'notes.txt'), 'hello');
  screen.connect(testSite(server.port));
  await screen.until('(empty)');
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
  screen.press('tab', 'down', 'c', 'f9');
  await screen.until(/! ↑ notes\.txt .*done: The server does not show the file/);
  await screen.until(/│ done: The server does not show the file; its size could not be compared\./);
  expect(server.tree.text('/notes.txt')).toBe('hello');
});
