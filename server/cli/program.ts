import { Command, Option } from 'commander';
import { nearestName } from '../config/nearest-name.ts';
import { readVersion } from '../version.ts';
import { addGroupCommands, addInviteCommands, addUserCommands } from './account-commands.ts';
import type { Actions } from './actions.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import {
  addAuditCommand,
  addBackupCommands,
  addDoctorCommand,
  addImportCommand,
  addPingCommand,
  addRootCommand,
} from './data-commands.ts';
import { addSettingFlags, flagsFor, isGiven } from './flags.ts';
import { EXAMPLES } from './help-notes.ts';
import {
  addBanCommands,
  addFolderCommands,
  addHookCommands,
  addPasswordCheckCommands,
  addRetentionCommands,
  addSessionCommands,
  addTrashCommands,
} from './server-commands.ts';

const WIDEST_HELP_COLUMNS = 100;

/** The command line of `myftp-server`. Its errors are thrown, nothing ends the process. */
export function buildProgram(
  context: Pick<CommandContext, 'stdout' | 'stderr'>,
  actions: Actions,
): Command {
  const program = new Command('myftp-server')
    .description('An FTP server with accounts, exact quotas, sign-up and resumable transfers.')
    .usage(
      '[serve] [options]\n       myftp-server user|group|folder|invite|ban|hooks <command> [options]\n       myftp-server trash|retention <command> [options]\n       myftp-server password-check test <name> [options]\n       myftp-server who|top|kick|drain|reload [options]\n       myftp-server root|audit|backup|restore|import|doctor|ping [options]',
    )
    .exitOverride()
    .configureOutput(outputTo(context))
    .enablePositionalOptions()
    .showHelpAfterError('See myftp-server --help.')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', EXAMPLES);
  addServeFlags(program).version(readVersion(), '-V, --version', 'show the version');
  const serve = program.command('serve').description('start the server (the default)');
  addServeFlags(serve).action(() => serveOrPrint(serve, actions));
  addUserCommands(program, actions);
  addGroupCommands(program, actions);
  addFolderCommands(program, actions);
  addInviteCommands(program, actions);
  addBanCommands(program, actions);
  addHookCommands(program, actions);
  addPasswordCheckCommands(program, actions);
  addTrashCommands(program, actions);
  addRetentionCommands(program, actions);
  addSessionCommands(program, actions);
  addImportCommand(program, actions);
  addRootCommand(program, actions);
  addBackupCommands(program, actions);
  addAuditCommand(program, actions);
  addDoctorCommand(program, actions);
  addPingCommand(program, actions);
  // Options of the program alone; commands would inherit those before.
  program.addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Other:'));
  // An unknown command arrives as an argument of the program itself.
  program.allowExcessArguments().action(async () => {
    const [unknown] = program.args;
    if (unknown !== undefined) throw new UsageError(unknownCommand(unknown, program));
    await serveOrPrint(program, actions);
  });
  return program;
}

function addServeFlags(command: Command): Command {
  return addSettingFlags(command).option(
    '--print-config',
    'show every setting and where it came from, and end',
  );
}

async function serveOrPrint(command: Command, actions: Actions): Promise<void> {
  const flags = flagsFor(command);
  await (isGiven(command, 'printConfig') ? actions.printConfig(flags) : actions.serve(flags));
}
function unknownCommand(word: string, program: Command): string {
  const nearest = nearestName(word, [...program.commands.map((command) => command.name()), 'help']);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `There is no command ${JSON.stringify(word)}.${hint}`;
}

function outputTo({ stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>) {
  const widthOf = ({ columns = 80 }: { columns?: number }) =>
    Math.min(columns, WIDEST_HELP_COLUMNS);
  return {
    writeOut: (text: string) => void stdout.write(text),
    writeErr: (text: string) => void stderr.write(text),
    getOutHelpWidth: () => widthOf(stdout as { columns?: number }),
    getErrHelpWidth: () => widthOf(stderr as { columns?: number }),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
    outputError: (text: string, write: (text: string) => void) =>
      write(text.replace(/^error: /, 'myftp-server: ')),
  };
}
