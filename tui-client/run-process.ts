import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommandLine } from './cli/command-line.ts';
import { EXIT_CODES } from './cli/exit-codes.ts';
import { limitYoungGeneration } from './system/young-generation.ts';

/** A reader that does not read must not keep the process from ending. */
const MAX_OUTPUT_FLUSH_MS = 1000;

/** Runs the command line of this process, and ends the process with its exit code. */
export async function runProcess(): Promise<never> {
  limitYoungGeneration();
  // A closed pipe, as in `myftp-tui ls work: | head -1`, is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  // The screens have a listener of their own, which first leaves the terminal as it was found.
  process.on('uncaughtException', (fault) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    process.stderr.write(`myftp-tui: unexpected failure\n${fault?.stack ?? String(fault)}\n`);
    process.exit(EXIT_CODES.bug);
  });
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
    version: readVersion,
    loadScreen: async () => (await import('./start-screen.tsx')).startScreen,
  });
  const flushed = [process.stdout, process.stderr].map(
    (stream) => new Promise((resolve) => stream.write('', resolve)),
  );
  await Promise.race([Promise.all(flushed), delay(MAX_OUTPUT_FLUSH_MS)]);
  process.exit(exitCode);
}

/** The version in package.json, which lies one directory up, among the sources and in dist alike. */
function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(manifest.version);
}
