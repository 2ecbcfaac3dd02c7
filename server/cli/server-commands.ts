import type { Command } from 'commander';
import type {
  Actions,
  BanVerb,
  FolderVerb,
  HookVerb,
  PasswordCheckVerb,
  RetentionVerb,
  SessionVerb,
  TrashVerb,
} from './actions.ts';
import { administrative } from './administrative.ts';
import { addFlags } from './flags.ts';
import { BESIDE_THE_SERVER, FOLDER_NOTES, TO_THE_SERVER } from './help-notes.ts';

/** `myftp-server ban`. */
export function addBanCommands(program: Command, actions: Actions): void {
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

/** `myftp-server folder`. */
export function addFolderCommands(program: Command, actions: Actions): void {
  const folder = program
    .command('folder')
    .description('share directories among accounts')
    .usage('<command> [options]')
    .addHelpText('after', FOLDER_NOTES);
  const add = (verb: FolderVerb, usage: string, description: string) =>
    administrative(folder.command(`${verb}${usage}`).description(description), (request) =>
      actions.folder(verb, request),
    );
  addFlags(add('add', ' <folder>', 'add a folder'), ['data', 'root', 'quota', 'max-files'])
    .option('--path <dir>', 'its directory outside of --root; one in --root if left out')
    .option('--owner <user>', 'share a directory of this account, which is charged for it')
    .option('--directory <dir>', 'that directory, as the account sees it: /pictures');
  addFlags(add('list', '', 'list the folders'), ['data']).option('--json', 'as JSON');
  addFlags(add('share', ' <folder> <user|%group>', 'show it in the trees of accounts'), ['data'])
    .requiredOption('--at <dir>', 'its path in their trees: /team')
    .option('--read-only', 'they can change nothing in it');
  addFlags(add('unshare', ' <folder> <user|%group>', 'end that'), ['data']);
  addFlags(add('remove', ' <folder>', 'remove it from all trees; its files stay'), ['data']).option(
    '--yes',
    'do not ask',
  );
}

/** `myftp-server hooks`. */
export function addHookCommands(program: Command, actions: Actions): void {
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

/** `myftp-server password-check`. */
export function addPasswordCheckCommands(program: Command, actions: Actions): void {
  const check = program
    .command('password-check')
    .description('try the program or URL that checks passwords');
  const add = (verb: PasswordCheckVerb, usage: string, description: string) =>
    administrative(check.command(`${verb}${usage}`).description(description), (request) =>
      actions.passwordCheck(verb, request),
    );
  const test = add('test', ' <name>', 'ask it about a password; exit code 0 if it is right');
  addFlags(test, ['password-check', 'password-check-timeout', 'hook-secret'])
    .option('--address <address>', 'address of the client that it is told', '127.0.0.1')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'as JSON');
}

/** `myftp-server trash`. */
export function addTrashCommands(program: Command, actions: Actions): void {
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

/** `myftp-server retention`. */
export function addRetentionCommands(program: Command, actions: Actions): void {
  const retention = program
    .command('retention')
    .description('delete old files as rules of accounts say')
    .usage('<command> [options]')
    .addHelpText('after', TO_THE_SERVER);
  const add = (verb: RetentionVerb, usage: string, description: string) =>
    addFlags(
      administrative(retention.command(`${verb}${usage}`).description(description), (request) =>
        actions.retention(verb, request),
      ),
      ['data'],
    ).option('--json', 'as JSON');
  add('run', ' [user]', 'delete now what has become too old, of one account or of all').option(
    '--dry-run',
    'only show what would be deleted',
  );
}

/** `myftp-server who`, `top`, `kick`, `drain` and `reload`. */
export function addSessionCommands(program: Command, actions: Actions): void {
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
