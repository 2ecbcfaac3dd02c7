import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { printable } from '../logging/printable.ts';
import type { ProgramRun, Programs } from './program-run.ts';
import { readText } from './read-text.ts';

/** Longest part of what a program writes to standard error that is kept. */
const MAX_ERROR_CHARACTERS = 200;

/** For commands, and for the process of a `ProgramRunner`. */
export const inThisProcess: Programs = { prepare() {}, run: runProgram, close() {} };

/** A `RunProgram` that starts a child of this process. */
export async function runProgram(file: string, run: ProgramRun): Promise<string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
  const child = spawn(file, [], {
    cwd: '/',
    env: { PATH, ...run.variables },
    stdio: ['pipe', run.maxOutputBytes === undefined ? 'ignore' : 'pipe', 'pipe'],
    detached: true,
  }) as ChildProcessByStdio<Writable, Readable | null, Readable>;
  const kill = () => {
    killGroup(child);
    child.stdout?.destroy();
  };
  run.signal.addEventListener('abort', kill);
  // A program may end without reading.
  child.stdin.on('error', () => {});
  child.stdin.end(run.input);
  const said = lastOf(child.stderr);
  const output = readText(child.stdout ?? [], run.maxOutputBytes);
  output.catch(kill);
  try {
    const [[code, by], text] = await Promise.all([once(child, 'exit'), output]);
    run.signal.throwIfAborted();
    if (code === 0) return text;
    const end = code === null ? `ended by ${by}` : `exit code ${code}`;
    throw new Error([end, said()].filter((part) => part !== '').join(': '));
  } finally {
    run.signal.removeEventListener('abort', kill);
    child.stderr.destroy();
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The end of what comes through a stream. */
function lastOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-MAX_ERROR_CHARACTERS);
  });
  return () => printable(text.trim().replace(/\s*\n\s*/g, '; '));
}
