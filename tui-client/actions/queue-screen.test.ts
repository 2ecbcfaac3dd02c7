import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { processorMs } from '../../tests/processor-time.ts';
import { FieldServer } from '../testing/field-server.ts';
import { RunningScreen, testSite } from '../testing/running-screen.tsx';
import type { TransferPlan } from '../transfers/transfer-plan.ts';

const REASON =
  'Names of this kind are kept for the press, and for nothing else that may come to mind';

let server: FieldServer;
let screen: RunningScreen;
let refused: RegExp;

beforeEach(async () => {
  refused = /bad/;
  server = await FieldServer.start({
    answers: {
      STOR: (path, control) => {
        if (!refused.test(path)) return undefined;
        control.say(`550 ${REASON}.`);
        return true;
      },
    },
  });
  screen = await RunningScreen.start({ size: { columns: 80, rows: 24 } });
});
afterEach(async () => {
  await screen.dispose();
  await server.close();
});

/** Uploads files of these names, and opens the queue. */
async function upload(...names: readonly string[]): Promise<void> {
  for (const name of names) await writeFile(join(screen.here, name), name);
  screen.connect(testSite(server.port));
  await screen.until('not encrypted');
  await screen.until(() => screen.ui.panes.left.rows.length === names.length);
  await screen.until(() => !screen.ui.panes.right.isLoading);
  screen.press('tab', 'A', 'c');
  await screen.until(() => screen.ui.queue.jobs.length === names.length);
  await screen.app.connection.active?.queue.idle();
  screen.press('f9');
}

/** The row of the queue that the cursor is on. */
const under = () => screen.ui.queue.shown[screen.ui.queue.cursor]?.to;

describe('failed transfers', () => {
  test('begin with the reason, and show all of it in the details', async () => {
    await upload('bad1', 'good');
    const text = await screen.until('Failed 1  Done 1');
    expect(text).toMatch(/✗ ↑ bad1 +550 Names of this kind are kept for the press, and fo…│/);
    expect(text).toMatch(
      /│ 550 Names of this kind are kept for the press, and for nothing else that may/,
    );
    screen.press('enter');
    await screen.until(/come to mind\./);
  });

  test('are found with a key, from one to the next and round', async () => {
    await upload('a', 'bad1', 'bad2', 'good');
    await screen.until('Failed 2  Done 2');
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      screen.press('!');
      seen.push(under());
    }
    expect(seen).toEqual(['/bad1', '/bad2', '/bad1']);
    screen.press('f', 'f', 'f');
    await screen.until('[Done 2]');
    screen.press('!');
    expect(under()).toBe('/bad1');
    await screen.until('[All 4]');
  });

  test('are filtered, tried again, and cleared without those that are done', async () => {
    await upload('bad1', 'bad2', 'good');
    screen.press('f', 'f');
    const text = await screen.until('[Failed 2]');
    expect(text).not.toContain('good');
    refused = /bad2/;
    screen.press('r');
    await screen.until('[Failed 1]');
    expect(server.tree.text('/bad1')).toBe('bad1');
    refused = /none/;
    screen.press('R');
    await screen.until('[Failed 0]');
    await screen.until('Done 3');
    expect(await screen.text()).toContain('No failed transfers.');
  });

  test('stay when what is done is cleared, and go where they alone are shown', async () => {
    await upload('bad1', 'good');
    screen.press('c');
    await screen.until('[All 1]');
    expect(under()).toBe('/bad1');
    screen.press('f', 'f', 'c');
    await screen.until('[Failed 0]');
    expect(screen.ui.queue.jobs).toEqual([]);
  });
});

test('without a failed transfer the key says so', async () => {
  await upload('good');
  screen.press('!');
  await screen.until('No failed transfers.');
});

test('ten thousand jobs do not make frames slow', async () => {
  await upload('good');
  const plan = (index: number): TransferPlan => ({
    direction: 'upload',
    kind: 'file',
    from: join(screen.here, `file-${index}`),
    to: `/file-${index}`,
    policy: 'ask',
    sizeBytes: 1,
    modifiedMs: undefined,
  });
  const { queue } = screen.app.connection.active ?? {};
  queue?.pause('all');
  queue?.add(Array.from({ length: 10_000 }, (_, index) => plan(index)));
  await screen.until('[All 10001]');
  const frames: number[] = [];
  for (const key of Array.from({ length: 60 }, (_, i) => (i % 3 === 2 ? 'f' : 'pagedown'))) {
    frames.push(
      await processorMs(() => {
        screen.press(key);
        return screen.text();
      }),
    );
  }
  const median = frames.sort((one, other) => one - other)[30] ?? Infinity;
  expect(median).toBeLessThan(50);
});
