import { Failure } from '../errors/failure.ts';
import { localFailure } from '../local/local-failure.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** A reader that does not read must not keep a command from ending. */
const MAX_FLUSH_MS = 1000;

/** Ctrl-C, or SIGTERM. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The reader of the output has gone, as in `myftp-tui ls work: | head -1`: no failure, but no reason to continue. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

interface StopWatch {
  /** Its reason is `Interrupted`, `OutputClosed`, or a `Failure` to write to standard output. */
  readonly signal: AbortSignal;
  /** Waits a little until everything is written. @throws the signal's reason if that failed. */
  written(): Promise<void>;
  end(): void;
}

/** What a failed write to standard output means: only a reader that has left is no failure. */
export function outputFailure(error: unknown): OutputClosed | Failure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EPIPE') return new OutputClosed();
  const failure = localFailure(error, 'Standard output');
  const { kind = 'local', message = String(error) } = failure as Partial<Failure>;
  return new Failure(kind, message);
}

/** Watches for what ends a command early. A second signal ends the process at once. */
export function watchForStop({ signals, stdout }: CommandContext): StopWatch {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT_CODES.interrupted);
    controller.abort(new Interrupted('Interrupted.'));
  };
  const close = (error: unknown) => controller.abort(outputFailure(error));
  signals.on('SIGINT', interrupt);
  signals.on('SIGTERM', interrupt);
  stdout.on('error', close);
  return {
    signal: controller.signal,
    async written() {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, MAX_FLUSH_MS);
        stdout.write('', () => {
          clearTimeout(timer);
          resolve();
        });
      });
      // The stream reports its failure later.
      await new Promise<void>((resolve) => setImmediate(resolve));
      controller.signal.throwIfAborted();
    },
    end() {
      signals.off('SIGINT', interrupt);
      signals.off('SIGTERM', interrupt);
      stdout.off('error', close);
    },
  };
}
