import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { nastyNames } from '../../tui-client/testing/nasty-names.ts';
import { ClientJourney } from './client-journey.ts';
import { clientProgram, shellWords, thenTell } from './programs.ts';
import { RESTORED, type Terminal } from './terminal.ts';

const BASH = '/bin/bash';
const CLEAR = '\x1b[2J';

let journey: ClientJourney;

beforeAll(async () => {
  journey = await ClientJourney.begin();
  for (const name of nastyNames) await journey.writeLocal(name, 'x');
});
afterEach(() => journey.endTerminals());
afterAll(() => journey.end());

describe('every way out of the client leaves the terminal as it was found', () => {
  test('quitting with F10', async () => {
    const terminal = await journey.logIn({ inside: thenTell, rows: 40 });
    terminal.press('f10');
    await terminal.until('told');
    expect(terminal.text()).toContain('exit code 0');
    expect(terminal.text()).toMatch(/[^-]icanon/);
    expect(terminal.text()).toMatch(/[^-]echo /);
    expect(terminal.modes).toEqual(RESTORED);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s', async (signal, code) => {
    const terminal = await journey.logIn();
    terminal.signal(signal);
    expect(await terminal.exitCode).toBe(code);
    await terminal.untilModes(RESTORED);
  });
});

const whereThereIsBash = existsSync(BASH) ? test : test.skip;

whereThereIsBash('Ctrl-Z and fg come back to the same screen (needs bash)', async () => {
  const terminal = await journey.logIn({
    inside: (program) => [BASH, '--norc', '--noprofile', '-ic', `${shellWords(program)}; fg; read`],
  });
  const before = terminal.text();
  terminal.press('ctrl-z');
  await terminal.until((text) => text === before);
  await terminal.untilModes({ screen: 'alternate', cursor: 'hidden' });
  terminal.press('f10');
  await terminal.untilModes({ screen: 'normal' });
});

describe('without a terminal that can do it, a sentence and exit code 64', () => {
  test('no terminal at all', async () => {
    const [command, ...args] = clientProgram;
    const outcome = await new Promise((resolve) => {
      execFile(command, args, (error, stdout, stderr) => {
        resolve({ code: error?.code, stdout, says: stderr.split('\n')[0] });
      });
    });
    expect(outcome).toEqual({
      code: 64,
      stdout: '',
      says: 'myftp-tui: The full-screen client requires a terminal.',
    });
  });

  test('TERM=dumb', async () => {
    const terminal = journey.start({
      inside: (program) => ['sh', '-c', `TERM=dumb ${shellWords(program)}`],
    });
    expect(await terminal.exitCode).toBe(64);
    await terminal.until('TERM=dumb');
    expect(terminal.writtenBytes).toBeLessThan(200);
    expect(terminal.modes).toEqual(RESTORED);
  });
});

describe('what is written', () => {
  const rowsDrawn = (written: string) => new Set(readable(written).match(/ESC\[\d+;1H/g)).size;

  test('the screen is cleared once, and a cursor move costs two rows', async () => {
    const terminal = await journey.logIn({ columns: 120, rows: 40 });
    expect(terminal.takeWritten().split(CLEAR)).toHaveLength(2);
    await activateLocal(terminal);
    // Listings and the room on the server may still be drawn, each once, between the first moves.
    let movesInTwoRows = 0;
    for (let count = 0; count < 20 && movesInTwoRows < 5; count++) {
      terminal.takeWritten();
      terminal.press(count % 2 === 0 ? 'down' : 'up');
      const written = await terminal.wholeFrame();
      const isSmall = rowsDrawn(written) === 2 && Buffer.byteLength(written) < 10_000;
      movesInTwoRows = isSmall ? movesInTwoRows + 1 : 0;
    }
    expect(movesInTwoRows).toBe(5);
    terminal.press('f1');
    await terminal.until('Help');
    expect(terminal.takeWritten()).not.toContain(CLEAR);
  });
});

test.each([
  [60, 16],
  [80, 24],
  [120, 40],
  [200, 60],
])('borders stand in their columns whatever the names are, at %i by %i', async (columns, rows) => {
  const terminal = await journey.logIn({ columns, rows });
  const isPaneRow = (line: string) => line.startsWith('│');
  const paneRows = terminal.lines().flatMap((line, row) => (isPaneRow(line) ? [row] : []));
  expect(paneRows.length).toBeGreaterThan(8);
  const half = Math.ceil(columns / 2);
  for (const row of paneRows) {
    expect(terminal.columnsOf(row, '│')).toEqual([0, half - 1, half, columns - 1]);
  }
});

test('it works where CI is set, without colours where they are not wished, and in ASCII', async () => {
  const terminal = await journey.logIn({ env: { CI: 'true', NO_COLOR: '1', LC_ALL: 'C' } });
  expect(terminal.text()).toContain('+ /');
  expect(readable(terminal.takeWritten())).not.toMatch(/ESC\[(?:\d+;)*[349]\d(?:;\d+)*m/);
});

/** The local pane, which has the files. */
async function activateLocal(terminal: Terminal): Promise<void> {
  terminal.press('tab');
  await terminal.wholeFrame();
  await terminal.until('plain.txt');
}

function readable(written: string): string {
  return written.replaceAll('\x1b', 'ESC');
}
