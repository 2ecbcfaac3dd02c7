import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../cli/command-line.ts';

/** Runs a command of `myftp-server` that starts no server. */
export async function runCommand(args: readonly string[], { cwd = '/', input = '' } = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  if (input !== '') stdin.end(input);
  const code = await runCommandLine({
    args,
    context: {
      environment: {},
      cwd,
      stdin,
      stdout,
      stderr,
      signals: process,
    },
    loadServer: () => Promise.reject(new Error('no command but serve starts a server')),
  });
  for (const stream of [stdout, stderr]) stream.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}
