import type { Usage } from '../../db/quota-repository.ts';
import type { RecountResult } from '../../db/recount-repository.ts';
import type { AccountDetails } from '../accounts/account-administration.ts';
import { CommandError } from '../errors/command-error.ts';
import { countText } from '../quota/entries-text.ts';
import { type Administration, type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';

/** `myftp-server user recount`: makes what accounts are charged for equal to what is on the disk. */
export async function recountUsers(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [name] = args;
  const isAll = options.all === true;
  if ((name === undefined) !== isAll) {
    throw new UsageError('Name an account, or use --all for all of them.');
  }
  await administer({ ...request, ifMissing: 'refuse' }, async (administration) => {
    let failures = 0;
    for await (const account of accountsNamed(name, administration)) {
      const result = await administration.recountAccount(account);
      context.stdout.write(`${describe(account, result)}\n`);
      if (result.kind === 'failed') failures += 1;
    }
    if (failures > 0) throw new CommandError(`Accounts that were not recounted: ${failures}.`);
  });
}

/** The account of that name, or all accounts. */
async function* accountsNamed(
  name: string | undefined,
  { accounts }: Administration,
): AsyncGenerator<AccountDetails> {
  if (name !== undefined) yield await accounts.show(name);
  else for await (const page of accounts.pages()) yield* page;
}

function describe({ username }: AccountDetails, outcome: RecountResult): string {
  if (outcome.kind === 'failed') return `${username}: not recounted; ${outcome.problem}.`;
  const { unreadDirectories } = outcome;
  const [before, after] = [usageText(outcome.before), usageText(outcome.after)];
  const comparison = before === after ? 'as before' : `before: ${before}`;
  const unread =
    unreadDirectories === 0
      ? ''
      : ` Directories that cannot be read: ${unreadDirectories}; the charge has not been lowered.`;
  return `${username} uses ${after}; ${comparison}.${unread}`;
}

/** `180000 bytes in 3 files and directories` */
function usageText({ bytes, entries }: Usage): string {
  return `${bytes} bytes in ${countText(entries)}`;
}
