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
It never reads the passwords in them. Existing sites are kept; if another site
has the same name, the imported one is prefixed by its folder, or numbered.`;

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
    .option('-l, --long', 'show type, mode, size and time')
    .option('-a, --all', 'include names that begin with a dot')
    .option('-d, --directory', 'list directories themselves, not their contents')
    .option('-r, --recursive', 'list subdirectories, too');
  connecting(output(ls));
  connecting(output(add('cat', '<place...>', 'write files to standard output')));
  const rm = add('rm', '<place...>', 'delete files')
    .option('-r, --recursive', 'include directories and their contents')
    .option('-f, --force', 'ignore files that do not exist')
    .option('-n, --dry-run', 'show what would be deleted, and delete nothing');
  connecting(output(rm));
  connecting(output(add('mkdir', '<place...>', 'create directories, with their parents')));
  const mv = add('mv', '<from> <to>', 'rename or move on the server').option(
    '--overwrite',
    'replace an existing file',
  );
  connecting(output(mv));
  const chmod = add('chmod', '<mode> <place...>', 'change permissions: 644, u+x, go-w').option(
    '-r, --recursive',
    'change directories and their contents',
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
    command.option('-r, --recursive', 'include directories and their contents');
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
    'make one directory equal to another; both may be on servers',
  ).option('--checksum', 'compare files of equal size by checksum, not by time');
  connecting(output(mirroring(deleting(mirror))));
  const watch = add(
    'watch',
    '<directory> <to>',
    'upload changes in a directory as they happen',
  ).addOption(
    new Option('--settle <ms>', 'wait until a file has not changed for this time (500)').argParser(
      wholeNumber(0, MAX_SETTLE_MS),
    ),
  );
  connecting(output(copying(deleting(watch))));
}

function addAccountCommands(program: Command, add: AddCommand): void {
  program.commandsGroup('Account:');
  connecting(output(add('quota', '<site>', 'show used and free space')));
  connecting(output(add('trash', '<site> [id] [path]', 'list deleted files, or restore one')));
  const signup = add('signup', '<site>', 'create an account, if the server allows it').option(
    '--invite <code>',
    'invite code, if the server requires one',
  );
  connecting(output(signup));
  connecting(output(add('passwd', '<site>', 'change your password')));
}

function addDoctor(program: Command, add: AddCommand): void {
  program.commandsGroup('Other:');
  const doctor = add('doctor', '<place>', 'diagnose a server from outside')
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
  add('list', '', 'list the sites').option('--json', 'one JSON object per line');
  add('show', ' <name>', 'show a site').option('--json', 'as JSON');
  add('add', ' <name> <url>', 'bookmark a site; the path of the URL is its start directory')
    .option('--plain', 'connect without encryption')
    .option('--local-path <directory>', 'local directory to start in')
    .option('--passive-host <host>', 'host for data connections, if it differs')
    .option('--proxy <url>', 'proxy, such as socks5://host:1080; "none" ignores ALL_PROXY, too')
    .addOption(rateOption('rate limit for all transfers, such as 500k or 2M'))
    .option('--pasv', 'open data connections with PASV, never with EPSV')
    .addOption(
      new Option('--time-offset <hh:mm>', 'offset of the times in listings from UTC').argParser(
        timeOffset,
      ),
    )
    .addOption(
      new Option('--encoding <name>', 'encoding of names, if it is not UTF-8').argParser(encoding),
    )
    .option('--overwrite', 'replace the site of this name');
  add('remove', ' <name>', 'delete a site, and its password in the keyring');
  add('import', ' <file>', 'bookmark the sites of FileZilla, WinSCP, rclone or lftp')
    .option('--overwrite', 'replace sites of the same name')
    .option('--ask-passwords', 'ask for each password and save it in the keyring')
    .option('-n, --dry-run', 'show what would be done, and change nothing')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', IMPORT_HELP);
}

function connecting(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option('--plain', 'connect without encryption')
    .option('--proxy <url>', 'proxy: socks5://host:1080, http://host:3128 or "none"')
    .addOption(
      new Option(
        '--trust <fingerprint>',
        'accept the certificate with this SHA-256 fingerprint; repeatable',
      ).argParser(fingerprints),
    )
    .option('--password-stdin', 'read the password from standard input')
    .option('--pasv', 'open data connections with PASV, never with EPSV')
    .option('-v, --verbose', 'show FTP commands and replies');
}

function output(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'one JSON object per line')
    .option('-q, --quiet', 'print results and failures only');
}
