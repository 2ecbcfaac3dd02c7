import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ProgramRun } from './program-run.ts';
import { ProgramRunner } from './program-runner.ts';

const RUN: ProgramRun = {
  input: 'text',
  variables: {},
  maxOutputBytes: 100,
  signal: new AbortController().signal,
};

let directory: string;
let runner: ProgramRunner;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-programs-'));
  runner = new ProgramRunner();
});
afterEach(() => {
  runner.close();
  rmSync(directory, { recursive: true });
});

/** A shell runs what the variable says. */
function shell(script: string, run: Partial<ProgramRun> = {}): Promise<string> {
  return runner.run('/bin/sh', { ...RUN, input: `${script}\n`, ...run });
}

/** Processes whose parent is this one. */
function children(): readonly number[] {
  const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  const lines = String(listed).split('\n');
  return lines.filter((line) => line.includes('program-runner-main')).map(Number.parseFloat);
}

test('programs run side by side, each with its input, variables and output', async () => {
  const cat = runner.run('/bin/cat', RUN);
  const echo = shell('printf "$WORD"', { variables: { WORD: 'ü' } });
  expect(await Promise.all([cat, echo])).toEqual(['text', 'ü']);
});

test('they are children of the process that starts them, and that is one', async () => {
  const parent = Number(await shell('echo $PPID'));
  expect(parent).not.toBe(process.pid);
  expect(Number(await shell('echo $PPID'))).toBe(parent);
  expect(children()).toEqual([parent]);
});

test('each leads a process group in the session of that process, in the root directory', async () => {
  const [parent, leader, group, session, directory] = (
    await shell('echo $PPID $$ $(ps -o pgid=,sid= -p $$) $PWD')
  ).split(/\s+/);
  expect([group, session, directory]).toEqual([leader, parent, '/']);
});

test('the nice value is that of the session, too, where sessions have one', async () => {
  runner = new ProgramRunner({ niceness: 10 });
  const script = 'echo $(nice) $(cat /proc/self/autogroup 2>/dev/null || echo nice 10)';
  // Without privileges, the kernel takes one change in 100 ms from all processes.
  while (!(await shell(script)).endsWith('nice 10\n')) await delay(50);
  expect(await shell('nice')).toBe('10\n');
});

test('a script needs no interpreter in its first line, and SIGPIPE ends it', async () => {
  const script = join(directory, 'script');
  writeFileSync(script, 'yes | head -n 1; kill -s PIPE $$; echo deaf\n');
  chmodSync(script, 0o755);
  await expect(runner.run(script, RUN)).rejects.toThrow('ended by SIGPIPE');
});

test('the reason of a failure comes along', async () => {
  await expect(shell('echo no >&2; exit 3')).rejects.toThrow('exit code 3: no');
  await expect(runner.run(join(directory, 'missing'), RUN)).rejects.toThrow('ENOENT');
});

test('a run whose signal aborts fails with its reason, and what it has started is killed', async () => {
  const abort = new AbortController();
  const script = `cd ${directory}; (sleep 1; touch late) & touch begun; sleep 60`;
  const run = shell(script, { signal: abort.signal });
  while (!existsSync(join(directory, 'begun'))) await delay(10);
  abort.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  await delay(1200);
  expect(existsSync(join(directory, 'late'))).toBe(false);
});

test('when the process is killed, its runs fail, and the next one starts another', async () => {
  await expect(shell('kill -9 $PPID; sleep 60')).rejects.toThrow('has ended');
  expect(await runner.run('/bin/cat', RUN)).toBe('text');
});

test('close ends the process and what runs', async () => {
  const run = shell(`cd ${directory}; touch begun; sleep 1; touch late`);
  while (!existsSync(join(directory, 'begun'))) await delay(10);
  runner.close();
  await expect(run).rejects.toThrow('has ended');
  await delay(1200);
  expect(existsSync(join(directory, 'late'))).toBe(false);
  expect(children()).toEqual([]);
});
