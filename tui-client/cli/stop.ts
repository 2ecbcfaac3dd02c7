import type { CommandContext } from './command-context.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** Ctrl-C, or SIGTERM. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Nobody reads what is written, as in `myftp-tui ls work: | head -1`: no failure, but no reason to go on. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

interface StopWatch {
  /** Its reason is `Interrupted` or `OutputClosed`. */
  readonly signal: AbortSignal;
  end(): void;
}

/** Watches for what ends a command early. A second signal ends the process at once. */
export function watchForStop({ signals, stdout }: CommandContext): StopWatch {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT_CODES.interrupted);
    controller.abort(new Interrupted('Interrupted.'));
  };
  const close = () => controller.abort(new OutputClosed());
  signals.on('SIGINT', interrupt);
  signals.on('SIGTERM', interrupt);
  stdout.on('error', close);
  return {
    signal: controller.signal,
    end() {
      signals.off('SIGINT', interrupt);
      signals.off('SIGTERM', interrupt);
      stdout.off('error', close);
    },
  };
}
