import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readHtpasswdFile } from '../accounts/import/htpasswd-file.ts';
import type { AccountImport, ImportProblem } from '../accounts/import/import-accounts.ts';
import { type ImportedAccount, ImportFileError } from '../accounts/import/imported-account.ts';
import { readPurePwFile } from '../accounts/import/pure-pw-file.ts';
import { readSftpgoDump } from '../accounts/import/sftpgo-dump.ts';
import { CommandError } from '../errors/command-error.ts';
import { type Administration, type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';

const READERS: Readonly<Record<string, (text: string) => readonly ImportedAccount[]>> = {
  'pure-pw': readPurePwFile,
  htpasswd: readHtpasswdFile,
  sftpgo: readSftpgoDump,
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
    const { accountImport } = administration;
    const choices = { adoptsHomes: options.adopt === true };
    const problems = await accountImport.problems(accounts, choices);
    if (problems.length > 0) throw refusal(request, problems);
    const isDry = options.dryRun === true;
    if (!isDry) await createAll(accounts, { accountImport, administration });
    const names = accounts.map(({ username }) => username);
    if (options.json === true)
      context.stdout.write(
        `${JSON.stringify({ imported: isDry ? [] : names, names }, undefined, 2)}\n`,
      );
    else context.stdout.write(`${isDry ? 'Would import' : 'Imported'} ${counted(names.length)}.\n`);
  });
}

async function accountsIn({
  args,
  context,
}: AdministrationRequest): Promise<readonly ImportedAccount[]> {
  const [format = '', file = ''] = args;
  const read = READERS[format];
  if (read === undefined)
    throw new UsageError(`Import ${format}: expected ${Object.keys(READERS).join(', ')}.`);
  try {
    return read(await readFile(path.resolve(context.cwd, file), 'utf8'));
  } catch (error) {
    if (error instanceof ImportFileError)
      throw new CommandError(`${file}, line ${error.line}: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(`${file} cannot be read (${code}).`, { cause: error });
  }
}

async function createAll(
  accounts: readonly ImportedAccount[],
  {
    accountImport,
    administration,
  }: { accountImport: AccountImport; administration: Administration },
): Promise<void> {
  for (const account of accounts) {
    await accountImport.create(account);
    await administration.chargeForHome(await administration.accounts.show(account.username));
  }
}

function refusal(
  { args: [, file] }: AdministrationRequest,
  problems: readonly ImportProblem[],
): CommandError {
  const shown = problems
    .slice(0, MAX_PROBLEMS_SHOWN)
    .map(({ line, message }) => `  line ${line}: ${message}`);
  const rest = problems.length - shown.length;
  const more = rest > 0 ? [`  and ${rest} more`] : [];
  return new CommandError([`Nothing was imported from ${file}:`, ...shown, ...more].join('\n'));
}

function counted(accounts: number): string {
  return accounts === 1 ? '1 account' : `${accounts} accounts`;
}
