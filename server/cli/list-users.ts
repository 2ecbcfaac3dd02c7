import { isFolderAccount } from '../../db/folder-account.ts';
import type { AccountDetails } from '../accounts/account-administration.ts';
import { ACCOUNT_HEADINGS, accountJson, accountRow } from './account-views.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { TextTable } from './text-table.ts';

type AccountPages = AsyncGenerator<readonly AccountDetails[]>;
type Write = (text: string) => void;

/** Runs `myftp-server user list`, page by page, because there may be hundreds of thousands of accounts. */
export async function listUsers(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const write: Write = (text) => void context.stdout.write(text);
  await administer({ ...request, ifMissing: 'refuse' }, ({ accounts }) => {
    const pages = withoutFolders(accounts.pages());
    return options.json === true ? writeJsonList(pages, write) : writeTable(pages, write);
  });
}

/** Accounts that are charged for shared folders are listed with these. */
async function* withoutFolders(pages: AccountPages): AccountPages {
  for await (const page of pages) {
    const users = page.filter(({ username }) => !isFolderAccount(username));
    if (users.length > 0) yield users;
  }
}

async function writeTable(pages: AccountPages, write: Write): Promise<void> {
  const table = new TextTable(ACCOUNT_HEADINGS);
  let isEmpty = true;
  for await (const page of pages) {
    write(table.page(page.map(accountRow)));
    isEmpty = false;
  }
  if (isEmpty) write('There are no accounts yet. Add one: myftp-server user add <name>\n');
}

/** One array, without having it in memory. */
async function writeJsonList(pages: AccountPages, write: Write): Promise<void> {
  let separator = '[\n';
  for await (const page of pages) {
    const items = page.map((account) =>
      JSON.stringify(accountJson(account), undefined, 2).replaceAll(/^/gm, '  '),
    );
    write(separator + items.join(',\n'));
    separator = ',\n';
  }
  write(separator === '[\n' ? '[]\n' : '\n]\n');
}
