import type { Command } from '../contract/command.ts';
import { multilineReply, type Reply, reply } from '../contract/reply.ts';
import { ArgumentError } from '../errors/errors.ts';

const VERBS_PER_LINE = 10;

/** HELP: the verbs that there are, or the syntax of one (RFC 959 §4.1.3). */
export function helpFor(commands: readonly Command[]): Command {
  return {
    verb: 'HELP',
    argument: 'optional',
    isCode: true,
    beforeLogin: true,
    syntax: 'HELP [<SP> verb]',
    summary: 'list the commands, or explain one',
    handle: (_session, argument) =>
      helpReply(argument, { title: 'Commands:', syntax: 'HELP <verb>', commands }),
  };
}

interface HelpTopic {
  readonly title: string;
  /** Command that explains one of the commands. */
  readonly syntax: string;
  readonly commands: readonly Command[];
}

/** Lists all commands, or explains the one that the argument names. @throws ArgumentError if there is none. */
export function helpReply(argument: string, topic: HelpTopic): Reply {
  return argument === '' ? overview(topic) : helpOn(argument, topic.commands);
}

function overview({ title, syntax, commands }: HelpTopic): Reply {
  const width = Math.max(8, ...commands.map(({ verb }) => verb.length + 1));
  const verbs = commands.map(({ verb }) => verb.padEnd(width)).sort();
  const lines: string[] = [];
  for (let index = 0; index < verbs.length; index += VERBS_PER_LINE) {
    lines.push(
      verbs
        .slice(index, index + VERBS_PER_LINE)
        .join('')
        .trimEnd(),
    );
  }
  return multilineReply(214, [title, ...lines, `Send ${syntax} for details.`]);
}

function helpOn(argument: string, commands: readonly Command[]): Reply {
  const name = argument.toUpperCase();
  const command = commands.find(({ verb, aliases }) => verb === name || aliases?.includes(name));
  if (command === undefined) throw new ArgumentError('Unknown command.');
  return reply(214, `${command.syntax} - ${command.summary}`);
}
