import { printable } from '../logging/printable.ts';
import type { ProgramRun, Programs } from './program-run.ts';
import { readText } from './read-text.ts';
import { type StartedProgram, startInSession } from './start-program.ts';

/** Longest part of what a program writes to standard error that is kept. */
const MAX_ERROR_CHARACTERS = 200;

/** For commands. */
export const inThisProcess: Programs = {
  prepare() {},
  run: (file, run) => runProgram(file, run),
  close() {},
};

/** A `RunProgram` that starts a child of this process. */
export async function runProgram(
  file: string,
  run: ProgramRun,
  start = startInSession,
): Promise<string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
  const child = start(file, {
    variables: { PATH, ...run.variables },
    output: run.maxOutputBytes === undefined ? 'ignore' : 'pipe',
  });
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
    const [{ code, signal }, text] = await Promise.all([child.ended, output]);
    run.signal.throwIfAborted();
    if (code === 0) return text;
    const end = code === null ? `ended by ${signal}` : `exit code ${code}`;
    throw new Error([end, said()].filter((part) => part !== '').join(': '));
  } finally {
    run.signal.removeEventListener('abort', kill);
    child.stderr.destroy();
  }
}

function killGroup({ pid }: StartedProgram): void {
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
