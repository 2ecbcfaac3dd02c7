import { type Command, Option } from 'commander';
import { ALGORITHMS } from '../files/digest.ts';
import type { CommandActions } from './command-actions.ts';
import type { CommandName, SitesVerb } from './request.ts';
import { copying, deleting, mirroring, rateOption, transferring } from './transfer-options.ts';
import { algorithm, encoding, fingerprints, timeOffset, wholeNumber } from './values.ts';

const MAX_SETTLE_MS = 60_000;

const DOCTOR_HELP = `
Checks the name, the connection to each address, the greeting, FEAT, TLS and the
certificate; after a login (anonymous unless the place names a user) also the
address in PASV replies, and a data connection by EPSV and by PASV with TLS.`;

const IMPORT_HELP = `
Reads FileZilla's sitemanager.xml, WinSCP.ini, rclone.conf and lftp's bookmarks.
Passwords in them are never read. A site that exists already is kept; if another
site has the name, the imported one gets its folder in front, or a number.`;

/** Adds what is done on a server, in groups. */
export function addCommands(program: Command, actions: CommandActions): void {
  const add = (name: CommandName, usage: string, description: string): Command => {
    const command = program.command(`${name} ${usage}`).description(description);
    return command.action(() => actions.run(name, command.args, command.opts()));
  };
  addFileCommands(program, add);
  addTransferCommands(program, add);
  addAccountCommands(program, add);
  addDoctor(program, add);
  addCompletion(program, actions);
}

type AddCommand = (name: CommandName, usage: string, description: string) => Command;

function addFileCommands(program: Command, add: AddCommand): void {
  program.commandsGroup('Files on the server:');
  const ls = add('ls', '<place...>', 'list a directory or files')
    .option('-l, --long', 'with type, mode, size and time')
    .option('-a, --all', 'names that begin with a dot, too')
    .option('-d, --directory', 'directories themselves, not what is in them')
    .option('-r, --recursive', 'with all that is below');
  connecting(output(ls));
  connecting(output(add('cat', '<place...>', 'write files to standard output')));
  const rm = add('rm', '<place...>', 'delete files')
    .option('-r, --recursive', 'directories, too, with all that is in them')
    .option('-f, --force', 'what is not there is no failure')
    .option('-n, --dry-run', 'only tell what would be deleted');
  connecting(output(rm));
  connecting(output(add('mkdir', '<place...>', 'make directories, with their parents')));
  const mv = add('mv', '<from> <to>', 'rename or move on the server').option(
    '--overwrite',
    'replace what has this name',
  );
  connecting(output(mv));
  const chmod = add('chmod', '<mode> <place...>', 'change permissions: 644, u+x, go-w').option(
    '-r, --recursive',
    'directories with all that is in them',
  );
  connecting(output(chmod));
  const hash = add('hash', '<place...>', 'print checksums, as sha256sum does').addOption(
    new Option('-a, --algorithm <name>', ALGORITHMS.join(', '))
      .argParser(algorithm)
      .default('SHA-256'),
  );
  connecting(output(hash));
}

function addTransferCommands(program: Command, add: AddCommand): void {
  program.commandsGroup('Transfers:');
  const recursive = (command: Command) =>
    command.option('-r, --recursive', 'directories, too, with all that is in them');
  const get = recursive(add('get', '<places...>', 'download files; "-" is standard output')).usage(
    '[options] <from...> [to]',
  );
  connecting(output(transferring(get)));
  const put = recursive(add('put', '<places...>', 'upload files; "-" is standard input')).usage(
    '[options] <from...> <to>',
  );
  connecting(output(transferring(put)));
  const mirror = add(
    'mirror',
    '<from> <to>',
    'make one directory like the other, on one server or two',
  ).option('--checksum', 'compare checksums of files of one size, not times');
  connecting(output(mirroring(deleting(mirror))));
  const watch = add('watch', '<directory> <to>', 'upload what changes in a directory').addOption(
    new Option('--settle <ms>', 'send files that were not written for so long (500)').argParser(
      wholeNumber(0, MAX_SETTLE_MS),
    ),
  );
  connecting(output(copying(deleting(watch))));
}

function addAccountCommands(program: Command, add: AddCommand): void {
  program.commandsGroup('Account:');
  connecting(output(add('quota', '<site>', 'show how much space is used and left')));
  const signup = add('signup', '<site>', 'create an account on a server that lets you').option(
    '--invite <code>',
    'an invite, if the server asks for one',
  );
  connecting(output(signup));
  connecting(output(add('passwd', '<site>', 'change your password')));
}

function addDoctor(program: Command, add: AddCommand): void {
  program.commandsGroup('Other:');
  const doctor = add('doctor', '<place>', 'examine a server from outside, and say what is wrong')
    .usage('[options] <host[:port], site or URL>')
    .addHelpText('after', DOCTOR_HELP);
  connecting(output(doctor));
}

/** What the shells' completions call. */
function addCompletion(program: Command, actions: CommandActions): void {
  const command = program.command('complete-word <kind> [word]', { hidden: true });
  command.action(() => actions.run('complete-word', command.args, {}));
}

/** Adds `sites`, which knows no server. */
export function addSitesCommand(program: Command, actions: CommandActions): void {
  const sites = program
    .command('sites')
    .description('manage bookmarked sites')
    .usage('<command> [options]');
  const add = (verb: SitesVerb, usage: string, description: string): Command => {
    const command = sites.command(`${verb}${usage}`).description(description);
    return command.action(() => actions.sites(verb, command.args, command.opts()));
  };
  add('list', '', 'list the sites').option('--json', 'one JSON object a line');
  add('show', ' <name>', 'show a site').option('--json', 'as JSON');
  add('add', ' <name> <url>', 'bookmark a site; the path of the URL is where it starts')
    .option('--plain', 'without encryption')
    .option('--local-path <directory>', 'the directory on this side')
    .option('--passive-host <host>', 'host of the data connections, if it is another one')
    .option('--proxy <url>', 'as socks5://host:1080; "none" also ignores ALL_PROXY')
    .addOption(rateOption('limit of all transfers together, as 500k or 2M'))
    .option('--pasv', 'open data connections by PASV, never by EPSV')
    .addOption(
      new Option(
        '--time-offset <hh:mm>',
        'how far times in its listings are ahead of UTC',
      ).argParser(timeOffset),
    )
    .addOption(
      new Option('--encoding <name>', 'of names, if the server does not use UTF-8').argParser(
        encoding,
      ),
    )
    .option('--overwrite', 'instead of the one of this name');
  add('remove', ' <name>', 'forget a site, and its password in the keyring');
  add('import', ' <file>', 'bookmark the sites of FileZilla, WinSCP, rclone or lftp')
    .option('--overwrite', 'replace sites of the same name')
    .option('--ask-passwords', 'ask for the password of each, and keep it in the keyring')
    .option('-n, --dry-run', 'only tell what would be done')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', IMPORT_HELP);
}

function connecting(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option('--plain', 'without encryption')
    .option('--proxy <url>', 'go through socks5://host:1080 or http://host:3128; or "none"')
    .addOption(
      new Option(
        '--trust <fingerprint>',
        'accept the certificate with this SHA-256; may be repeated for two servers',
      ).argParser(fingerprints),
    )
    .option('--password-stdin', 'read the password from standard input')
    .option('--pasv', 'open data connections by PASV, never by EPSV')
    .option('-v, --verbose', 'show the conversation with the server');
}

function output(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'one JSON object a line')
    .option('-q, --quiet', 'nothing but results and failures');
}
