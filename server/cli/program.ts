import { Command, Option } from 'commander';
import { nearestName } from '../config/nearest-name.ts';
import { readVersion } from '../version.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { addFlags, addSettingFlags, flagsFor, isGiven } from './flags.ts';
import {
  AUDIT_NOTES,
  BACKUP_NOTES,
  BESIDE_THE_SERVER,
  DOCTOR_NOTES,
  EXAMPLES,
  IMPORT_NOTES,
  LIMIT_NOTES,
  PING_NOTES,
  RESTORE_NOTES,
  RIGHTS_NOTES,
  ROOT_NOTES,
  TO_THE_SERVER,
} from './help-notes.ts';

const WIDEST_HELP_COLUMNS = 100;

/** Actions of the commands. They are passed in, so that each loads its code only when it runs. */
export interface Actions {
  serve(flags: Flags): Promise<void>;
  printConfig(flags: Flags): Promise<void>;
  user(verb: UserVerb, request: Request): Promise<void>;
  invite(verb: InviteVerb, request: Request): Promise<void>;
  root(request: Request): Promise<void>;
  backup(request: Request): Promise<void>;
  restore(request: Request): Promise<void>;
  audit(request: Request): Promise<void>;
  doctor(request: Request): Promise<void>;
  ping(request: Request): Promise<void>;
  group(verb: GroupVerb, request: Request): Promise<void>;
  ban(verb: BanVerb, request: Request): Promise<void>;
  hooks(verb: HookVerb, request: Request): Promise<void>;
  session(verb: SessionVerb, request: Request): Promise<void>;
  trash(verb: TrashVerb, request: Request): Promise<void>;
  importAccounts(request: Request): Promise<void>;
}

type Flags = Readonly<Record<string, string | undefined>>;
export type UserVerb =
  | 'add'
  | 'list'
  | 'show'
  | 'passwd'
  | 'quota'
  | 'cut-uploads'
  | 'keep-deleted'
  | 'mode'
  | 'rights'
  | 'limits'
  | 'expire'
  | 'must-change'
  | 'group'
  | 'networks'
  | 'rate'
  | 'enable'
  | 'disable'
  | 'remove'
  | 'recount';
type SessionVerb = 'who' | 'kick' | 'drain' | 'reload' | 'top';
export type GroupVerb = 'add' | 'list' | 'show' | 'rights' | 'limits' | 'remove';
export type BanVerb = 'add' | 'list' | 'remove';
export type HookVerb = 'list' | 'retry' | 'test';
export type TrashVerb = 'list' | 'restore' | 'empty';
export type InviteVerb = 'create' | 'list' | 'revoke';

/** A command of the administrator as it was written. */
export interface Request {
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** The command line of `myftp-server`. Its errors are thrown, nothing ends the process. */
export function buildProgram(
  context: Pick<CommandContext, 'stdout' | 'stderr'>,
  actions: Actions,
): Command {
  const program = new Command('myftp-server')
    .description('An FTP server with accounts, exact quotas, sign-up and resumable transfers.')
    .usage(
      '[serve] [options]\n       myftp-server user|group|invite|ban|hooks|trash <command> [options]\n       myftp-server who|top|kick|drain|reload [options]\n       myftp-server root|audit|backup|restore|import|doctor|ping [options]',
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
  addInviteCommands(program, actions);
  addBanCommands(program, actions);
  addHookCommands(program, actions);
  addTrashCommands(program, actions);
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

function addUserCommands(program: Command, actions: Actions): void {
  const user = program
    .command('user')
    .description('manage accounts')
    .usage('<command> [options]')
    .addHelpText('after', BESIDE_THE_SERVER);
  const add = (verb: UserVerb, usage: string, description: string) =>
    administrative(user.command(`${verb}${usage}`).description(description), (request) =>
      actions.user(verb, request),
    );

  addModeOptions(
    addFlags(add('add', ' <name>', 'add an account'), ['data', 'root', 'quota', 'max-files']),
  )
    .option('--cut-uploads <mode>', 'keep, publish, or default: as the server', 'default')
    .option('--group <group>', 'put it into this group')
    .option('--rights <set>', 'its rights, see: user rights --help')
    .option('--expires <time>', 'when it expires: 2027-01-31 or 30d')
    .option('--must-change', 'make it change the password at its first login')
    .option('--password-stdin', 'read the password from standard input')
    .option('--adopt', 'use the directory with its name as its home, if there is one');
  addFlags(add('list', '', 'list the accounts'), ['data']).option('--json', 'as JSON');
  addFlags(add('show', ' <name>', 'show an account'), ['data', 'root']).option('--json', 'as JSON');
  addFlags(add('passwd', ' <name>', 'set the password of an account'), ['data'])
    .option('--must-change', 'make it change the password at its next login')
    .option('--password-stdin', 'read the password from standard input');
  addFlags(add('quota', ' <name> [size]', 'show or set the quota of an account'), ['data'])
    .option('--max-files <count>', 'set how many files it may have; 0 sets no limit')
    .option('--json', 'as JSON');
  addFlags(add('cut-uploads', ' <name> [mode]', 'show or set its mode for cut uploads'), [
    'data',
  ]).option('--json', 'as JSON');
  addFlags(add('keep-deleted', ' <name> [time]', 'show or set how long it can restore files'), [
    'data',
  ]).option('--json', 'as JSON');
  addModeOptions(
    addFlags(add('mode', ' <name>', 'show or set modes and owner of its new files'), ['data']),
  ).option('--json', 'as JSON');
  addFlags(add('rights', ' <name> [set] [dir]', 'show or set its rights'), ['data'])
    .option('--json', 'as JSON')
    .addHelpText('after', RIGHTS_NOTES);
  addFlags(add('group', ' <name> [group]', 'show or set its group, or none'), ['data']).option(
    '--json',
    'as JSON',
  );
  addLimitOptions(
    addFlags(add('limits', ' <name>', 'show or set its limits of uploads'), ['data']),
  );
  addFlags(add('expire', ' <name> [time]', 'show or set when it expires, or never'), [
    'data',
  ]).option('--json', 'as JSON');
  addFlags(add('must-change', ' <name> [mode]', 'make it change its password: yes or no'), [
    'data',
  ]).option('--json', 'as JSON');
  addFlags(add('networks', ' <name> [nets...]', 'show or set from where it may log in'), [
    'data',
  ]).option('--json', 'as JSON');
  addFlags(add('rate', ' <name>', 'show or set its bytes per second'), ['data'])
    .option('--up <rate>', 'of uploads: 2M, off, or default: as the server')
    .option('--down <rate>', 'of downloads')
    .option('--json', 'as JSON');
  addFlags(add('enable', ' <name>', 'let a disabled account log in again'), ['data']);
  addFlags(add('disable', ' <name>', 'keep an account from logging in'), ['data']);
  addFlags(add('remove', ' <name>', 'remove an account; its files stay'), ['data', 'root'])
    .option('--delete-files', 'delete its files, too')
    .option('--yes', 'do not ask');
  addFlags(add('recount', ' [name]', 'make used space equal to the files on disk'), [
    'data',
    'root',
  ]).option('--all', 'of all accounts');
}

function addModeOptions(command: Command): Command {
  return command
    .option('--umask <octal>', 'umask of its new files and directories, such as 027, or default')
    .option('--file-mode <octal>', 'mode of its new files, or default: as the server')
    .option('--directory-mode <octal>', 'mode of its new directories, or default')
    .option('--owner <uid[:gid]>', 'owner of its new files, or default; the server needs root');
}

function addGroupCommands(program: Command, actions: Actions): void {
  const group = program
    .command('group')
    .description('manage groups of accounts with common rights')
    .usage('<command> [options]')
    .addHelpText('after', BESIDE_THE_SERVER);
  const add = (verb: GroupVerb, usage: string, description: string) =>
    addFlags(
      administrative(group.command(`${verb}${usage}`).description(description), (request) =>
        actions.group(verb, request),
      ),
      ['data'],
    );

  add('add', ' <group>', 'add a group');
  add('list', '', 'list the groups').option('--json', 'as JSON');
  add('show', ' <group>', 'show a group').option('--json', 'as JSON');
  add('rights', ' <group> [set] [dir]', 'show or set the rights of its accounts')
    .option('--json', 'as JSON')
    .addHelpText('after', RIGHTS_NOTES);
  addLimitOptions(add('limits', ' <group>', 'show or set the limits of its accounts'));
  add('remove', ' <group>', 'remove a group without accounts');
}

function addLimitOptions(command: Command): void {
  command
    .option('--max-upload-size <size>', 'largest file to upload, unlimited, or default')
    .option('--allow-names <patterns>', 'names of new files: *.pdf,*.png; "" allows all')
    .option('--deny-names <patterns>', 'names that are refused: *.exe,.ht*; "" denies none')
    .option('--json', 'as JSON')
    .addHelpText('after', LIMIT_NOTES);
}

function addInviteCommands(program: Command, actions: Actions): void {
  const invite = program
    .command('invite')
    .description('manage invites to sign up')
    .usage('<command> [options]')
    .addHelpText('after', BESIDE_THE_SERVER);
  const add = (verb: InviteVerb, usage: string, description: string) =>
    administrative(invite.command(`${verb}${usage}`).description(description), (request) =>
      actions.invite(verb, request),
    );

  addFlags(add('create', '', 'create an invite and show its code'), ['data'])
    .option('--uses <count>', 'accounts that can sign up with it', '1')
    .option('--expires <time>', 'how long it can be used; "never" for no end', '7d')
    .option('--json', 'as JSON');
  addFlags(add('list', '', 'list the invites'), ['data']).option('--json', 'as JSON');
  addFlags(add('revoke', ' <id>', 'make an invite unusable'), ['data']);
}

function addBanCommands(program: Command, actions: Actions): void {
  const ban = program
    .command('ban')
    .description('refuse the clients of a network')
    .addHelpText('after', BESIDE_THE_SERVER);
  const add = (verb: BanVerb, usage: string, description: string) =>
    addFlags(
      administrative(ban.command(`${verb}${usage}`).description(description), (request) =>
        actions.ban(verb, request),
      ),
      ['data'],
    );
  add('add', ' <network>', 'ban an address or a network')
    .option('--for <time>', 'how long: 12h or 7d', 'ever')
    .option('--reason <text>', 'shown in the list');
  add('list', '', 'list the bans in force').option('--json', 'as JSON');
  add('remove', ' <network>', 'end a ban');
}

function addHookCommands(program: Command, actions: Actions): void {
  const hooks = program.command('hooks').description('look after what is told of events');
  const add = (verb: HookVerb, usage: string, description: string) =>
    administrative(hooks.command(`${verb}${usage}`).description(description), (request) =>
      actions.hooks(verb, request),
    );
  const list = add('list', '', 'list the events that hooks have not taken yet');
  addFlags(list, ['data']).option('--json', 'as JSON').addHelpText('after', BESIDE_THE_SERVER);
  const retry = add('retry', ' [id...]', 'make events due now, or all that wait');
  addFlags(retry, ['data']).addHelpText('after', BESIDE_THE_SERVER);
  const test = add('test', '', 'tell each hook of an event "test" now');
  addFlags(test, ['hook', 'hook-secret', 'hook-timeout']);
}

function addTrashCommands(program: Command, actions: Actions): void {
  const trash = program
    .command('trash')
    .description('list or restore what an account has deleted')
    .usage('<command> [options]')
    .addHelpText('after', TO_THE_SERVER);
  const add = (verb: TrashVerb, usage: string, description: string) =>
    addFlags(
      administrative(trash.command(`${verb}${usage}`).description(description), (request) =>
        actions.trash(verb, request),
      ),
      ['data'],
    ).option('--json', 'as JSON');
  add('list', ' <user>', 'list the deleted files that are kept');
  add('restore', ' <user> <id> [path]', 'restore one, under its name or another');
  add('empty', ' <user>', 'delete them for good').option('--yes', 'do not ask');
}

function addSessionCommands(program: Command, actions: Actions): void {
  const add = (verb: SessionVerb, usage: string, description: string) => {
    const command = program.command(`${verb}${usage}`).description(description);
    command.addHelpText('after', TO_THE_SERVER);
    const acting = administrative(command, (request) => actions.session(verb, request));
    return addFlags(acting, ['data']);
  };
  const addWithJson = (verb: SessionVerb, usage: string, description: string) =>
    add(verb, usage, description).option('--json', 'as JSON');
  addWithJson('who', '', 'show the sessions of the server that runs, and what they do');
  add('top', '', 'show them live; a key ends one of them');
  addWithJson('kick', ' <session>', 'end a session, or all sessions of a user');
  addWithJson('reload', '', 'read settings and certificate again; says what needs a restart');
  addWithJson('drain', '', 'refuse further clients; sessions go on').option(
    '--off',
    'accept clients again',
  );
}

function addImportCommand(program: Command, actions: Actions): void {
  const command = program
    .command('import <format> <file>')
    .description('import accounts: pure-pw, htpasswd or sftpgo')
    .addHelpText('after', IMPORT_NOTES);
  addFlags(administrative(command, actions.importAccounts), ['data', 'root', 'quota', 'max-files'])
    .option('--dry-run', 'check the file and change nothing')
    .option('--adopt', 'use directories with their names as homes')
    .option('--json', 'as JSON');
}

function addRootCommand(program: Command, actions: Actions): void {
  const root = program
    .command('root [dir]')
    .description("show the directory of the accounts' homes, or change it")
    .addHelpText('after', ROOT_NOTES);
  addFlags(administrative(root, actions.root), ['data']);
}

function addBackupCommands(program: Command, actions: Actions): void {
  const backup = program
    .command('backup <dir>')
    .description('back up accounts, quotas, invites and certificate')
    .addHelpText('after', BACKUP_NOTES);
  addFlags(administrative(backup, actions.backup), ['data']);
  const restore = program
    .command('restore <dir>')
    .description('put a backup in the place of the database and certificate')
    .addHelpText('after', RESTORE_NOTES);
  addFlags(administrative(restore, actions.restore), ['data']).option('--yes', 'do not ask');
}

function addAuditCommand(program: Command, actions: Actions): void {
  const audit = program
    .command('audit')
    .description('show transfers, logins, sign-ups, bans and kicks')
    .addHelpText('after', AUDIT_NOTES);
  addFlags(administrative(audit, actions.audit), ['data'])
    .option('--kind <kind>', 'transfers, logins, signups, bans or kicks only')
    .option('--user <name>', 'of this user only')
    .option('--path <path>', 'of this path and all below it, or a pattern')
    .option('--outcome <outcome>', 'ok or failed only')
    .option('--since <time>', 'not older: 24h, or 2026-01-31T12:00')
    .option('--until <time>', 'older only, in the same forms')
    .option('--limit <count>', 'largest number of events, or all', '100')
    .option('--json', 'as JSON, a line for each');
}

function addDoctorCommand(program: Command, actions: Actions): void {
  const doctor = program
    .command('doctor')
    .description('look for what is wrong with settings, network and disk')
    .addHelpText('after', DOCTOR_NOTES);
  addSettingFlags(administrative(doctor, actions.doctor)).option('--json', 'as JSON');
}

function addPingCommand(program: Command, actions: Actions): void {
  const ping = program
    .command('ping')
    .description('check that the server answers; exit code 0 or 1')
    .addHelpText('after', PING_NOTES);
  addFlags(administrative(ping, actions.ping), ['host', 'port']);
}

function administrative(command: Command, act: (request: Request) => Promise<void>): Command {
  return command.action(() =>
    act({ flags: flagsFor(command), args: command.args, options: command.opts() }),
  );
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
