import type { Command } from '../contract/command.ts';

/**
 * Commands that ftp-srv's own handlers answer well. The table still holds their rules, because
 * those handlers check no arguments and because HELP lists them.
 */
export const inherited: readonly Command[] = [
  inherit({ verb: 'SYST', beforeLogin: true, syntax: 'SYST', summary: 'name the system' }),
  inherit({
    verb: 'PWD',
    aliases: ['XPWD'],
    // Clients ask for it at once after a login.
    beforePasswordChange: true,
    syntax: 'PWD',
    summary: 'name the working directory',
  }),
];

function inherit(rules: Omit<Command, 'argument' | 'handle'>): Command {
  return {
    ...rules,
    argument: 'none',
    async handle(session) {
      await session.inherited.answer(rules.verb);
      return undefined;
    },
  };
}
