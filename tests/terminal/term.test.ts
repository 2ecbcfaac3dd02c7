import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { shellWords, thenTell, tinyProgram } from './programs.ts';
import { RESTORED, Terminal, type TerminalOptions } from './terminal.ts';

const BASH = '/bin/bash';

const open = new Set<Terminal>();

function start(...[program, options]: ConstructorParameters<typeof Terminal>): Terminal {
  const terminal = new Terminal(program, options);
  open.add(terminal);
  return terminal;
}

async function startTiny(options: TerminalOptions = {}): Promise<Terminal> {
  const terminal = start(tinyProgram, options);
  await terminal.until('tiny program');
  await terminal.untilModes({ screen: 'alternate', cursor: 'hidden', paste: 'bracketed' });
  return terminal;
}

afterEach(async () => {
  for (const terminal of open) await terminal.end();
  open.clear();
});

describe('every way out leaves the terminal as it was found', () => {
  test.each([
    ['quitting', (terminal: Terminal) => terminal.type('q'), 0, undefined],
    ['process.exit', (terminal: Terminal) => terminal.type('x'), 3, undefined],
    ['an error', (terminal: Terminal) => terminal.type('e'), 70, 'bug: Error: thrown on wish'],
    ['a rejection', (terminal: Terminal) => terminal.type('r'), 70, 'bug: Error: rejected on wish'],
    [
      'a component that throws',
      (terminal: Terminal) => terminal.type('c'),
      70,
      'bug: Error: thrown by a component',
    ],
    ['quitting with the mouse on', (terminal: Terminal) => terminal.type('mq'), 0, undefined],
  ])('%s', async (_, end, code, message) => {
    const terminal = start(thenTell(tinyProgram), { columns: 100, rows: 40 });
    await terminal.until('tiny program');
    end(terminal);
    await terminal.until('told');
    expect(terminal.text()).toContain(`exit code ${code}`);
    expect(terminal.text()).toMatch(/[^-]icanon/);
    expect(terminal.text()).toMatch(/[^-]echo /);
    expect(terminal.text()).toMatch(/[^-]isig/);
    if (message !== undefined) expect(terminal.text()).toContain(message);
    expect(terminal.modes).toEqual(RESTORED);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ])('%s, with exit code %i', async (signal, code) => {
    const terminal = await startTiny();
    terminal.signal(signal);
    expect(await terminal.exitCode).toBe(code);
    await terminal.untilModes(RESTORED);
    expect(terminal.text()).not.toContain('tiny program');
  });

  test('a signal while the terminal takes nothing', async () => {
    const terminal = await startTiny();
    terminal.stall();
    terminal.type('f');
    terminal.signal('SIGTERM');
    expect(await terminal.exitCode).toBe(143);
  });
});

test('a terminal that takes nothing stops neither the event loop nor the memory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'myftp-pulse-'));
  const pulse = join(directory, 'pulse');
  try {
    const terminal = await startTiny({ env: { ...process.env, PULSE_FILE: pulse } });
    terminal.stall();
    terminal.type('f');
    await terminal.until(() => existsSync(pulse) && readFileSync(pulse, 'utf8').includes('1000\n'));
    terminal.resume();
    await terminal.until((text) => Number(/^\d+/.exec(text)?.[0]) >= 1000);
    const drawn = terminal.takeWritten().split('\x1b[1;1H').length;
    expect(drawn).toBeLessThan(500);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

describe('keys', () => {
  test('of all kinds arrive, whatever CI says', async () => {
    const terminal = await startTiny({ env: { ...process.env, CI: 'true' } });
    terminal.press('f1', 'f5', 'ctrl-f3', 'insert', 'backspace', 'up');
    terminal.type('é日');
    await terminal.until('keys: f1 f5 ctrl-f3 insert backspace up é 日');
  });

  test('Esc alone, and before a digit', async () => {
    const terminal = await startTiny();
    terminal.press('escape');
    await terminal.until(/keys: escape$/m);
    terminal.type('5');
    await terminal.until('keys: escape f5');
  });

  test('a paste is one thing', async () => {
    const terminal = await startTiny();
    terminal.paste('one\rtwo q');
    await terminal.until('pasted: "one\\ntwo q"');
  });
});

test('a new size is drawn anew, from small to large', async () => {
  const terminal = await startTiny();
  for (const [columns, rows] of [
    [20, 5],
    [200, 60],
    [60, 16],
    [120, 40],
  ] as const) {
    terminal.resize(columns, rows);
    await terminal.until(new RegExp(`^tiny program, ${columns}x${rows}`.slice(0, columns)));
  }
  expect(terminal.lines()[1]).toBe('keys:');
});

describe('the terminal is lent', () => {
  test('another program has the normal screen and its line editing, and then we go on', async () => {
    const terminal = await startTiny();
    terminal.type('l');
    await terminal.until('in another program');
    await terminal.untilModes(RESTORED);
    terminal.type('some words\r');
    await terminal.until('it read some words');
    terminal.type('\r');
    await terminal.until('tiny program');
    await terminal.untilModes({ screen: 'alternate', cursor: 'hidden' });
    terminal.type('k');
    await terminal.until('keys: l k');
  });
});

const whereThereIsBash = existsSync(BASH) ? describe : describe.skip;

whereThereIsBash('job control (needs bash)', () => {
  async function startInShell(): Promise<Terminal> {
    const terminal = start([BASH, '--norc', '--noprofile', '-i'], {
      env: { ...process.env, PS1: 'shell> ', HISTFILE: '' },
    });
    await terminal.until('shell>');
    terminal.type(`${shellWords(tinyProgram)}\r`);
    await terminal.until('tiny program, ');
    await terminal.untilModes({ screen: 'alternate', cursor: 'hidden' });
    return terminal;
  }

  async function expectShell(terminal: Terminal): Promise<void> {
    await terminal.until('Stopped');
    await terminal.untilModes({ screen: 'normal', cursor: 'shown' });
    terminal.type('stty -a | grep -o "[-]*icanon" ; echo ok-$((40+2))\r');
    await terminal.until('ok-42');
    expect(terminal.lines()).toContain('icanon');
  }

  async function expectProgram(terminal: Terminal): Promise<void> {
    terminal.type('fg\r');
    await terminal.untilModes({ screen: 'alternate', cursor: 'hidden' });
    await terminal.until('tiny program, ');
    terminal.type('k');
    await terminal.until(/keys: .*k$/m);
  }

  test('Ctrl-Z goes to the shell and fg comes back, again and again', async () => {
    const terminal = await startInShell();
    for (let round = 0; round < 3; round++) {
      terminal.press('ctrl-z');
      await expectShell(terminal);
      terminal.type('clear\r');
      await terminal.until((text) => !text.includes('ok-42'));
      await expectProgram(terminal);
    }
    terminal.type('q');
    await terminal.untilModes({ screen: 'normal' });
  });

  test.each(['TSTP', 'STOP'])('a foreign SIG%s and fg', async (signal) => {
    const terminal = await startInShell();
    await stopFirstChild(terminal.pid, signal);
    await terminal.until('Stopped');
    await expectProgram(terminal);
    terminal.resize(70, 20);
    await terminal.until('tiny program, 70x20');
  });

  test('a size that changed meanwhile is seen', async () => {
    const terminal = await startInShell();
    terminal.press('ctrl-z');
    await expectShell(terminal);
    terminal.resize(66, 22);
    terminal.type('fg\r');
    await terminal.until('tiny program, 66x22');
  });
});

test('without a shell that could carry it on, Ctrl-Z does nothing', async () => {
  const terminal = await startTiny();
  terminal.press('ctrl-z');
  await terminal.until('can be suspended: no');
});

/** Sends a signal to the program that a shell runs. */
function stopFirstChild(shellPid: number, signal: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('pkill', [`-${signal}`, '-P', String(shellPid)], (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
