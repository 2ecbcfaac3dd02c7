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

async function connect(): Promise<void> {
  screen = await RunningScreen.start({ size: { columns: 120, rows: 30 } });
  await writeFile(join(screen.here, 'notes.txt'), 'hello');
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => screen.ui.panes.left.rows.length === 1);
}

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
  await connect();
  await screen.until('(empty)');
  screen.press('tab', 'down', 'c', 'f9');
  await screen.until(/! ↑ notes\.txt .*done: The server does not show the file/);
  await screen.until(/│ done: The server does not show the file; its size could not be compared\./);
  expect(server.tree.text('/notes.txt')).toBe('hello');
});

test('a directory whose listing is refused can be entered, for uploads', async () => {
  let entered = 0;
  server = await FieldServer.start({
    answers: {
      CWD: (path, _control) => {
        if (path === '/box') entered += 1;
        return undefined;
      },
      LIST: (_, control) => {
        if (entered === 0) return undefined;
        control.say('550 Permission denied.');
        return true;
      },
    },
  });
  server.tree.makeDirectory('/box');
  await connect();
  await screen.until('box/');
  screen.press('enter');
  await screen.until(() => screen.ui.panes.right.path === '/box');
  await screen.until(/╰ ✗ Could not list \/box: 550 Permission denied/);
  screen.press('tab', 'down', 'c');
  await screen.until(() => screen.ui.queue.totals.done === 1);
  expect(server.tree.text('/box/notes.txt')).toBe('hello');
});
