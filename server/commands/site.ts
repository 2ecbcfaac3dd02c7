import { ArgumentError, NotLoggedInError } from '../errors/errors.ts';
import { argumentFor, type Command } from './command.ts';
import { overview } from './help.ts';

/** Clients look these up; the others are common or have verbs of their own. */
const ANNOUNCED: ReadonlySet<string> = new Set([
  ...['PARTIALS', 'SIGNUP', 'PASSWD', 'QUOTA', 'UTIME', 'CHMOD', 'EXPECT'],
]);

/** SITE: what only this server has (RFC 959 §4.1.3); each has a file in `site/`. */
export function siteFor(subcommands: readonly Command[]): Command {
  const table = new Map(subcommands.map((command) => [command.verb, command]));
  return {
    verb: 'SITE',
    argument: 'required',
    beforeLogin: true,
    syntax: 'SITE <SP> command',
    summary: 'use what only this server has; SITE HELP lists it',
    features: ({ services }) =>
      subcommands
        .filter(({ verb }) => ANNOUNCED.has(verb))
        .filter(({ verb }) => verb !== 'SIGNUP' || services.settings.signup !== 'off')
        .map(({ verb }) => `SITE ${verb}`),
    handle(session, argument) {
      const [name = '', rest = ''] = split(argument.trimStart());
      const verb = name.toUpperCase();
      if (verb === 'HELP') return overview('SITE commands:', subcommands);
      const command = table.get(verb);
      if (command === undefined) {
        throw new ArgumentError(
          'There is no such SITE command; SITE HELP lists those that there are.',
        );
      }
      if (!command.beforeLogin && !session.isLoggedIn) {
        throw new NotLoggedInError('Please log in with USER and PASS.');
      }
      return command.handle(session, argumentFor(command, rest));
    },
  };
}

function split(argument: string): [string, string] {
  const space = argument.indexOf(' ');
  return space === -1 ? [argument, ''] : [argument.slice(0, space), argument.slice(space + 1)];
}
