import { parseNetworks } from '../config/setting-parsers.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { accountJson, networksText } from './account-views.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';

const ANY = 'any';

/** `myftp-server user networks`: shows or sets the networks from which an account may log in. */
export async function showOrSetNetworks(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [username = '', ...written] = args;
  const networks = written.length === 0 ? undefined : networksIn(written);
  const account = await administer({ ...request, ifMissing: 'refuse' }, async ({ accounts }) => {
    if (networks !== undefined) await accounts.setNetworks({ username, networks });
    return await accounts.show(username);
  });
  const note = networks === undefined ? '' : ' Sessions from elsewhere are ended.';
  const text = `${account.username} may log in from ${networksText(account)}.${note}\n`;
  const json = `${JSON.stringify(accountJson(account), undefined, 2)}\n`;
  context.stdout.write(options.json === true ? json : text);
}

/** @returns an empty list for all networks. */
function networksIn(written: readonly string[]): readonly string[] {
  const text = written.join(',');
  if (text.trim().toLowerCase() === ANY) return [];
  try {
    return parseNetworks(text);
  } catch (error) {
    if (!(error instanceof WrongFormError)) throw error;
    throw new UsageError(`${error.message} Separate several by commas; ${ANY} allows all.`);
  }
}
