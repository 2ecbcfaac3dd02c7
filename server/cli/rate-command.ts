import { parseRate } from '../config/setting-parsers.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { accountJson, ratesText } from './account-views.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';

const DEFAULT = 'default';

/** `myftp-server user rate`: shows or sets the rates of an account. */
export async function showOrSetRates(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [username = ''] = args;
  const up = rateIn('--up', options.up);
  const down = rateIn('--down', options.down);
  const isSet = up !== undefined || down !== undefined;
  const account = await administer({ ...request, ifMissing: 'refuse' }, async ({ accounts }) => {
    if (isSet) await accounts.setRates({ username, up, down });
    return await accounts.show(username);
  });
  const note = isSet ? ' Transfers that run take it on within a second.' : '';
  const text = `${account.username}: ${ratesText(account)}.${note}\n`;
  const json = `${JSON.stringify(accountJson(account), undefined, 2)}\n`;
  context.stdout.write(options.json === true ? json : text);
}

/** @returns null for the default of the server; undefined if the flag is not given. */
function rateIn(flag: string, text: unknown): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === DEFAULT) return null;
  try {
    return parseRate(String(text));
  } catch (error) {
    if (error instanceof WrongFormError) throw new UsageError(`${flag}: ${error.message}`);
    throw error;
  }
}
