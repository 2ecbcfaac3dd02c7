import { setTimeout as delay } from 'node:timers/promises';
import { runCommandLine } from './cli/command-line.ts';
import { optimizeEarly } from './system/early-optimization.ts';

/** Longest interval of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A reader that does not read must not keep the process from ending. */
const MAX_OUTPUT_FLUSH_MS = 1000;

/** Runs the command line of this process, and ends the process with its exit code. */
export async function runProcess(): Promise<never> {
  // A closed pipe, as in `myftp-server user list | head -1`, is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  // Node ends the process (exit code 13) in the middle of an await as soon as only unreferenced timers and sockets are
  // left: a stop would end before the quotas are settled.
  setInterval(() => {}, MAX_TIMER_MS);
  const exitCode = await runCommandLine({
    args: process.argv.slice(2),
    context: {
      environment: process.env,
      cwd: process.cwd(),
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      signals: process,
    },
    loadServer() {
      optimizeEarly();
      return import('./compose.ts');
    },
  });
  const flushed = [process.stdout, process.stderr].map(
    (stream) => new Promise((resolve) => stream.write('', resolve)),
  );
  await Promise.race([Promise.all(flushed), delay(MAX_OUTPUT_FLUSH_MS)]);
  process.exit(exitCode);
}
