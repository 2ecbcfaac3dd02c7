import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UsernameConflictError } from '../../../db/account-insertion.ts';
import { readFilezillaFile } from '../../accounts/import/filezilla-file.ts';
import { readHtpasswdFile } from '../../accounts/import/htpasswd-file.ts';
import type { PlannedAccount } from '../../accounts/import/import-plan.ts';
import {
  type ImportedAccount,
  ImportFileError,
  type ImportProblem,
} from '../../accounts/import/imported-account.ts';
import { readPurePwFile } from '../../accounts/import/pure-pw-file.ts';
import { readSftpgoDump } from '../../accounts/import/sftpgo-dump.ts';
import { CommandError } from '../../errors/command-error.ts';
import { type Administration, type AdministrationRequest, administer } from '../administration.ts';
import { UsageError } from '../command-context.ts';
import { readCsvList } from './csv-list.ts';
import { HashingProgress } from './hashing-progress.ts';
import { importReport } from './import-report.ts';
import { readJsonList } from './json-list.ts';

const READERS: Readonly<Record<string, (text: string) => readonly ImportedAccount[]>> = {
  'pure-pw': readPurePwFile,
  htpasswd: readHtpasswdFile,
  sftpgo: readSftpgoDump,
  filezilla: readFilezillaFile,
  csv: readCsvList,
  json: readJsonList,
};

const MAX_PROBLEMS_SHOWN = 20;

/**
 * `myftp-server import`: takes over the accounts of another server, all or none.
 *
 * @throws CommandError that names the lines that cannot be imported.
 */
export async function importAccounts(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const accounts = await accountsIn(request);
  await administer({ ...request, ifMissing: 'create' }, async (administration) => {
    administration.requireRoot();
    const choices = { adoptsHomes: options.adopt === true };
    const plan = await administration.accountImport.plan(accounts, choices);
    if (plan.problems.length > 0) throw refusal(request, plan.problems);
    if (options.dryRun !== true) await createAll(request, plan.accounts, administration);
  });
  context.stdout.write(importReport(accounts, options));
}

async function accountsIn(request: AdministrationRequest): Promise<readonly ImportedAccount[]> {
  const { args, context } = request;
  const [format = '', file = ''] = args;
  const read = READERS[format];
  if (read === undefined)
    throw new UsageError(`Import ${format}: expected ${Object.keys(READERS).join(', ')}.`);
  try {
    const text = await readFile(path.resolve(context.cwd, file), 'utf8');
    return read(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof ImportFileError) throw refusal(request, error.problems);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(`${file} cannot be read (${code}).`, { cause: error });
  }
}

async function createAll(
  { args: [, file], context }: AdministrationRequest,
  planned: readonly PlannedAccount[],
  { accountImport }: Administration,
): Promise<void> {
  const progress = new HashingProgress(context.stderr, planned);
  try {
    await accountImport.create(planned, () => progress.step());
  } catch (error) {
    if (!(error instanceof UsernameConflictError)) throw error;
    throw new CommandError(
      `Nothing was imported from ${file}: meanwhile an account "${error.message}" was created. Run the command again.`,
    );
  } finally {
    progress.end();
  }
}

function refusal(
  { args: [, file] }: AdministrationRequest,
  problems: readonly ImportProblem[],
): CommandError {
  const [first] = problems;
  if (problems.length === 1 && first !== undefined)
    return new CommandError(`Nothing was imported: ${file}, line ${first.line}: ${first.message}`);
  const shown = problems
    .slice(0, MAX_PROBLEMS_SHOWN)
    .map(({ line, message }) => `  line ${line}: ${message}`);
  const rest = problems.length - shown.length;
  const more = rest > 0 ? [`  and ${rest} more`] : [];
  return new CommandError([`Nothing was imported from ${file}:`, ...shown, ...more].join('\n'));
}
