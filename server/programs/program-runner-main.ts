import { lowerPriority } from '../system/lower-priority.ts';
import { loadPosixSpawn } from '../system/posix-spawn.ts';
import { runProgram } from './run-program.ts';
import type { MessageFromRunner, MessageToRunner } from './runner-messages.ts';
import { startInGroupBy, startInSession } from './start-program.ts';

// The process of a `ProgramRunner`. Its argument is the nice value.

type Order = Extract<MessageToRunner, { kind: 'run' }>;

const posixSpawn = loadPosixSpawn();
const starter = posixSpawn.then((calls) => (calls ? startInGroupBy(calls) : startInSession));

const running = new Map<number, AbortController>();

process.on('message', (message: MessageToRunner) => {
  if (message.kind === 'kill') running.get(message.id)?.abort();
  else void run(message);
});
// The server has ended.
process.on('disconnect', () => {
  for (const stop of running.values()) stop.abort();
  process.exit();
});
// A service manager may send these to all processes; the server decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
  process.on(signal, () => {});

void lowerPriority(Number(process.argv[2] ?? 0));

async function run({ id, file, ...input }: Order): Promise<void> {
  const stop = new AbortController();
  running.set(id, stop);
  const start = await starter;
  const outcome = await runProgram(file, { ...input, signal: stop.signal }, start).then(
    (output) => ({ output }),
    (error: Error) => ({ failure: error.message }),
  );
  running.delete(id);
  process.send?.({ id, ...outcome } satisfies MessageFromRunner, () => {});
}
