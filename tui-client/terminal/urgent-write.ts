import { closeSync, constants, openSync, writeSync } from 'node:fs';

const FIRST_OUTPUT = 1;
const PAUSE_MS = 20;
const MAX_PAUSES = 25;

/**
 * Writes to the terminal at once, past everything that waits, because the process may end right after. Gives
 * up when the terminal takes nothing for half a second, or is gone: a dead line must not keep us alive.
 */
export function writeUrgently(text: string): void {
  const terminal = openTerminal();
  let rest = Buffer.from(text);
  for (let pauses = 0; rest.length > 0 && pauses < MAX_PAUSES; ) {
    try {
      rest = rest.subarray(writeSync(terminal, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break;
      pauses++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
  if (terminal !== FIRST_OUTPUT) closeSync(terminal);
}

/** Opened again, so that only this write does not block. */
function openTerminal(): number {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync('/dev/fd/1', O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return FIRST_OUTPUT;
  }
}
