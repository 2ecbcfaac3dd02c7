import { argumentFor, type Command, requireLogin, splitVerb } from '../contract/command.ts';
import { ArgumentError } from '../errors/errors.ts';
import { helpReply } from './help.ts';

/** SITE: what only this server has (RFC 959 §4.1.3); each command has a file in `site/`. */
export function siteFor(commands: readonly Command[]): Command {
  const help = siteHelp(commands);
  const subcommands = new Map([...commands, help].map((command) => [command.verb, command]));
  return {
    verb: 'SITE',
    argument: 'required',
    beforeLogin: true,
    syntax: 'SITE <SP> command',
    summary: 'server-specific commands; send SITE HELP for a list',
    subcommands,
    features: (session) => commands.flatMap((command) => command.features?.(session) ?? []),
    handle(session, argument) {
      const [verb, rest] = splitVerb(argument);
      const command = subcommands.get(verb);
      if (command === undefined) {
        throw new ArgumentError('Unknown SITE command; send SITE HELP for a list.');
      }
      requireLogin(command, session);
      return command.handle(session, argumentFor(command, rest));
    },
  };
}

function siteHelp(commands: readonly Command[]): Command {
  return {
    verb: 'HELP',
    argument: 'optional',
    isCode: true,
    beforeLogin: true,
    syntax: 'SITE HELP [<SP> command]',
    summary: 'list the SITE commands, or explain one',
    handle: (_session, argument) =>
      helpReply(argument, { title: 'SITE commands:', syntax: 'SITE HELP <command>', commands }),
  };
}
