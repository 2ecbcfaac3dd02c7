import type { Command } from 'commander';
import type { Request } from './actions.ts';
import { flagsFor } from './flags.ts';

/** Has a command of the administrator act on what was written. */
export function administrative(
  command: Command,
  act: (request: Request) => Promise<void>,
): Command {
  return command.action(() =>
    act({ flags: flagsFor(command), args: command.args, options: command.opts() }),
  );
}
