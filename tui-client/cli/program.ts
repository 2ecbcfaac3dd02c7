import { Command, Option } from 'commander';
import type { CommandActions, ScreenFlags } from './command-actions.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { addCommands, addSitesCommand } from './commands.ts';

const MAX_HELP_COLUMNS = 100;

const TARGETS = `
Places on a server:
  work:/www/index.html      a bookmarked site and a path; work:notes.txt starts in
                            the site's own directory
  ftp://anna@ftp.example.org:2121/www
                            encrypted with explicit TLS (also ftpes://)
  ftps://ftp.example.org/   implicit TLS, port 990

Encryption is not negotiable: a server without TLS needs --plain, a certificate
that no trusted authority has issued needs --trust or a "yes" on the terminal.
The client asks for passwords, or takes them from --password-stdin, the system's
keyring or ~/.netrc; never from the command line.

Examples:
  myftp-tui
      Start the full-screen client: sites, two panes, transfers.
  myftp-tui put -r dist/ work:/www
      Upload a directory and verify it by checksums.
  myftp-tui get 'work:/logs/*.gz' --resume --jobs 4
      Download four files in parallel; resume partial files.
  myftp-tui mirror --delete --dry-run ./site work:/www
      Show what a mirror would change.
  myftp-tui watch ./site work:/www
      Upload files as they change.
  tar cz . | myftp-tui put - work:/backup.tar.gz
      Upload the output of another program.
  myftp-tui doctor ftp.example.org
      Diagnose connection problems of a server.

Exit codes: 0 success, 1 some failed, 2 network, 3 login refused, 4 not trusted or
no TLS, 5 no such path or no permission, 6 no space or quota, 7 checksum differs,
64 wrong usage, 70 a bug, 130 interrupted.`;

/** The command line of `myftp-tui`. Its errors are thrown, nothing ends the process. */
export function buildProgram(
  context: Pick<CommandContext, 'stdout' | 'stderr'>,
  version: string,
  actions: CommandActions,
): Command {
  const program = new Command('myftp-tui')
    .description('A terminal client for FTP servers: full-screen, and commands for scripts.')
    .usage('[options] [site or URL]\n       myftp-tui <command> [options] ...')
    .exitOverride()
    .configureOutput(outputTo(context))
    .enablePositionalOptions()
    .showHelpAfterError('See myftp-tui --help.')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', TARGETS);
  addCommands(program, actions);
  addSitesCommand(program, actions);
  program
    .commandsGroup('Other:')
    .helpCommand('help [command]', 'show the help of a command')
    .optionsGroup('Screens:')
    .addOption(new Option('--plain', 'connect to the URL without encryption'))
    .addOption(new Option('--proxy <url>', 'connect through a proxy, such as socks5://host:1080'))
    .addOption(new Option('--pasv', 'open data connections with PASV, never with EPSV'))
    .addOption(new Option('--ascii', 'draw with ASCII characters only'))
    .addOption(new Option('--mouse', 'enable the mouse'))
    .addOption(
      new Option('--theme <name>', 'colours for a dark or light background').choices([
        'dark',
        'light',
      ]),
    )
    .optionsGroup('Other:')
    .version(version, '-V, --version', 'show the version');
  // What follows is the program's alone; commands would inherit it.
  program.addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Other:'));
  // A site arrives as an argument of the program itself, and so does a command that there is not.
  program.allowExcessArguments().action(async () => {
    const [target, ...more] = program.args;
    if (target !== undefined && more.length > 0)
      throw new UsageError(`Unknown command "${target}".`);
    await actions.screen(target, program.opts<ScreenFlags>());
  });
  return program;
}

function outputTo({ stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>) {
  const widthOf = ({ columns = 80 }: { readonly columns?: number }) =>
    Math.min(columns, MAX_HELP_COLUMNS);
  return {
    writeOut: (text: string) => void stdout.write(text),
    writeErr: (text: string) => void stderr.write(text),
    getOutHelpWidth: () => widthOf(stdout),
    getErrHelpWidth: () => widthOf(stderr),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
    outputError: (text: string, write: (text: string) => void) =>
      write(text.replace(/^error: /, 'myftp-tui: ')),
  };
}
