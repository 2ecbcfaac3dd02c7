import type { Command } from 'commander';
import type { Actions, GroupVerb, InviteVerb, UserVerb } from './actions.ts';
import { administrative } from './administrative.ts';
import { addFlags } from './flags.ts';
import { BESIDE_THE_SERVER, LIMIT_NOTES, RETENTION_NOTES, RIGHTS_NOTES } from './help-notes.ts';

/** `myftp-server user`. */
export function addUserCommands(program: Command, actions: Actions): void {
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
    .option('--external', 'without a password: --password-check of the server decides')
    .option('--home <dir>', 'its home, outside of the root: an absolute path')
    .option('--adopt', 'use a directory as its home that exists already');
  addFlags(add('list', '', 'list the accounts'), ['data']).option('--json', 'as JSON');
  addFlags(add('show', ' <name>', 'show an account'), ['data', 'root']).option('--json', 'as JSON');
  addFlags(add('passwd', ' <name>', 'set the password of an account'), ['data'])
    .option('--must-change', 'make it change the password at its next login')
    .option('--external', 'give it none: --password-check of the server decides')
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
  addRetentionOptions(
    addFlags(add('retention', ' <name>', 'show or set when its files are deleted'), ['data']),
  );
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

/** `myftp-server group`. */
export function addGroupCommands(program: Command, actions: Actions): void {
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
  addRetentionOptions(
    add('retention', ' <group>', 'show or set when files of its accounts are deleted'),
  );
  add('remove', ' <group>', 'remove a group without accounts');
}

function addRetentionOptions(command: Command): void {
  command
    .option('--directory <dir>', 'the rule is for this directory and all below it; / if left out')
    .option('--delete-after <time>', 'delete files that have been unchanged for so long: 30d')
    .option('--oldest-first', 'delete the oldest when an upload finds the quota full')
    .option('--remove-empty', 'remove directories that are left empty')
    .option('--off', 'delete nothing there')
    .option('--default', 'take the rule back')
    .option('--json', 'as JSON')
    .addHelpText('after', RETENTION_NOTES);
}

function addLimitOptions(command: Command): void {
  command
    .option('--max-upload-size <size>', 'largest file to upload, unlimited, or default')
    .option('--allow-names <patterns>', 'names of new files: *.pdf,*.png; "" allows all')
    .option('--deny-names <patterns>', 'names that are refused: *.exe,.ht*; "" denies none')
    .option('--json', 'as JSON')
    .addHelpText('after', LIMIT_NOTES);
}

/** `myftp-server invite`. */
export function addInviteCommands(program: Command, actions: Actions): void {
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
