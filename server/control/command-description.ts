import { type Command, splitVerb } from '../contract/command.ts';

/**
 * A command line for the log, without passwords and invites. An unknown command of SITE is left out, too: it may be a
 * password that came without its PASS.
 */
export function describeCommand(verb: string, command: Command, argument = ''): string {
  return argument === '' ? verb : `${verb} ${describeArgument(command, argument)}`;
}

function describeArgument({ subcommands, secretArgument }: Command, argument: string): string {
  if (secretArgument === 'all') return '***';
  if (secretArgument === 'after the first word') {
    const [, first = '', more] = /^ *(\S+) *(.*)$/.exec(argument) ?? [];
    return more === '' ? first : `${first} ***`;
  }
  if (subcommands === undefined) return argument;
  const [verb, rest] = splitVerb(argument);
  const command = subcommands.get(verb);
  return command === undefined ? '***' : describeCommand(verb, command, rest);
}
