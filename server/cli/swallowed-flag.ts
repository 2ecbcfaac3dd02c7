import type { Command, Option } from 'commander';
import { UsageError } from './command-context.ts';

/**
 * Finds a flag in the place of a value, as in `--port --data /srv`, which the parser would take for the value. Values
 * that really look like a flag are written with `=`.
 *
 * @throws UsageError
 */
export function refuseSwallowedFlags(program: Command, args: readonly string[]): void {
  const options = optionsOf(program);
  const long = (word: string | undefined) =>
    options.find((option) => option.long === word?.replace(/=.*$/s, ''));
  for (const [at, word] of args.entries()) {
    if (word === '--') return;
    const option = options.find((one) => one.long === word);
    const next = args[at + 1];
    if (option?.required !== true || long(next) === undefined) continue;
    throw new UsageError(
      `${word}: its value is missing, as ${next} is a flag of its own. Write ${option.flags}.`,
    );
  }
}

function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...command.commands.flatMap(optionsOf)];
}
