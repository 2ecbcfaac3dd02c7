import type { Command } from 'commander';
import type { Actions } from './actions.ts';
import { administrative } from './administrative.ts';
import { addFlags, addSettingFlags } from './flags.ts';
import {
  AUDIT_NOTES,
  BACKUP_NOTES,
  DOCTOR_NOTES,
  IMPORT_NOTES,
  PING_NOTES,
  RESTORE_NOTES,
  ROOT_NOTES,
} from './help-notes.ts';

/** `myftp-server import`. */
export function addImportCommand(program: Command, actions: Actions): void {
  const command = program
    .command('import <format> <file>')
    .description('import accounts: csv, json, filezilla, pure-pw, htpasswd or sftpgo')
    .addHelpText('after', IMPORT_NOTES);
  addFlags(administrative(command, actions.importAccounts), ['data', 'root', 'quota', 'max-files'])
    .option('--dry-run', 'check the file and change nothing')
    .option('--adopt', 'use directories with their names as homes')
    .option('--json', 'as JSON');
}

/** `myftp-server root`. */
export function addRootCommand(program: Command, actions: Actions): void {
  const root = program
    .command('root [dir]')
    .description("show the directory of the accounts' homes, or change it")
    .addHelpText('after', ROOT_NOTES);
  addFlags(administrative(root, actions.root), ['data']);
}

/** `myftp-server backup` and `restore`. */
export function addBackupCommands(program: Command, actions: Actions): void {
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

/** `myftp-server audit`. */
export function addAuditCommand(program: Command, actions: Actions): void {
  const audit = program
    .command('audit')
    .description('show transfers, logins, sign-ups, bans, kicks, retention and commands')
    .addHelpText('after', AUDIT_NOTES);
  addFlags(administrative(audit, actions.audit), ['data'])
    .option('--kind <kind>', 'transfers, logins, signups, bans, kicks, retention or admin only')
    .option('--user <name>', 'of this user only')
    .option('--path <path>', 'of this path and all below it, or a pattern')
    .option('--outcome <outcome>', 'ok or failed only')
    .option('--since <time>', 'not older: 24h, or 2026-01-31T12:00')
    .option('--until <time>', 'older only, in the same forms')
    .option('--limit <count>', 'largest number of events, or all', '100')
    .option('--json', 'as JSON, a line for each');
}

/** `myftp-server doctor`. */
export function addDoctorCommand(program: Command, actions: Actions): void {
  const doctor = program
    .command('doctor')
    .description('look for what is wrong with settings, network and disk')
    .addHelpText('after', DOCTOR_NOTES);
  addSettingFlags(administrative(doctor, actions.doctor)).option('--json', 'as JSON');
}

/** `myftp-server ping`. */
export function addPingCommand(program: Command, actions: Actions): void {
  const ping = program
    .command('ping')
    .description('check that the server answers; exit code 0 or 1')
    .addHelpText('after', PING_NOTES);
  addFlags(administrative(ping, actions.ping), ['host', 'port']);
}
