import { runProgram } from './run-program.ts';
import type { MessageFromRunner, MessageToRunner } from './runner-messages.ts';

// The process of a `ProgramRunner`.

type Order = Extract<MessageToRunner, { kind: 'run' }>;

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
// A terminal sends these to the whole group; the server decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
  process.on(signal, () => {});

async function run({ id, file, ...input }: Order): Promise<void> {
  const stop = new AbortController();
  running.set(id, stop);
  const outcome = await runProgram(file, { ...input, signal: stop.signal }).then(
    (output) => ({ output }),
    (error: Error) => ({ failure: error.message }),
  );
  running.delete(id);
  process.send?.({ id, ...outcome } satisfies MessageFromRunner, () => {});
}
