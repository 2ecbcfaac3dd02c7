import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, test } from '@jest/globals';

/** How a program ended and what it said. */
export interface Outcome {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Outcome>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads from its standard input; nothing if missing. */
  readonly input?: string;
}

/** A client that hangs fails its test, and does not outlive it. */
const LONGEST_RUN_MS = 60_000;

/** Starts a program and gathers what it says. */
export function start(
  command: string,
  args: readonly string[],
  { cwd, env, input = '' }: ProgramOptions = {},
): RunningProgram {
  const child = spawn(command, args, {
    cwd,
    env: env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  // A program may end without having read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
  return { child, ended };
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<Outcome> {
  return start(command, args, options).ended;
}

/** Runs a program and fails, telling what it said, unless it ends with 0. */
export async function runWell(
  command: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<Outcome> {
  const outcome = await run(command, args, options);
  if (outcome.code === 0) return outcome;
  const { code, stdout, stderr } = outcome;
  throw new Error(`${command} ended with ${code}:\n${stdout}\n${stderr}`);
}

export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether a program ends with 0: to look for the library of a language. */
export function succeeds(program: string, args: readonly string[]): boolean {
  return isInstalled(program) && spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** Journeys with one client; a client that is missing leaves a skipped test with its name. */
export function describeClient(name: string, isThere: boolean, journeys: () => void): void {
  if (isThere) describe(name, journeys);
  else test.skip(`${name} is not installed: no journey was made with it`, () => {});
}
