import type { AccessSettings } from '../../db/access-settings.ts';
import type { AccountDetails } from '../accounts/account-administration.ts';
import { type AccountGroups, NO_GROUP } from '../accounts/account-groups.ts';
import { parseMoment } from '../config/moment.ts';
import { parseRights } from '../rights/rights.ts';
import { type HolderKind, orUsage, showOrSetRights } from './access-commands.ts';
import { accountJson } from './account-views.ts';
import type { UserVerb } from './actions.ts';
import { type Administration, type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { showOrSetLimits } from './limits-commands.ts';
import { tellServer } from './tell-server.ts';
import { momentText } from './text-table.ts';

type UserCommand = (request: AdministrationRequest) => Promise<void>;
type AccessVerb = Extract<UserVerb, 'rights' | 'limits' | 'group' | 'expire' | 'must-change'>;

/** An account as the holder of rights and limits. */
const ACCOUNT: HolderKind = {
  async find({ accounts }, name) {
    const { username, group, ownAccess, access } = await accounts.show(name);
    return { name: username, group, own: ownAccess, effective: access };
  },
  set: ({ accounts }, username, access) => accounts.setAccess({ username, access }),
};

/** The commands of `myftp-server user` that say what an account may do, and how long. */
export const userAccessCommands: Readonly<Record<AccessVerb, UserCommand>> = {
  rights: (request) => showOrSetRights(request, ACCOUNT),
  limits: (request) => showOrSetLimits(request, ACCOUNT),
  group: showOrSetGroup,
  expire: showOrSetExpiry,
  'must-change': showOrSetMustChange,
};

async function showOrSetGroup(request: AdministrationRequest): Promise<void> {
  const [username = '', name] = request.args;
  const change = async ({ accounts, groups }: Administration) =>
    accounts.setGroup({ username, groupId: await groupIdIn(groups, name) });
  await showOrSet(request, change, ({ group }) => `Group of ${username}: ${group ?? NO_GROUP}.`);
}

async function showOrSetExpiry(request: AdministrationRequest): Promise<void> {
  const [username = '', text] = request.args;
  const expiresAtMs = text === undefined ? undefined : expiryIn(text);
  await showOrSet(
    request,
    ({ accounts }) => accounts.setExpiry({ username, expiresAtMs }),
    (account) => `${username} expires: ${momentText(account.expiresAtMs)}.`,
  );
}

async function showOrSetMustChange(request: AdministrationRequest): Promise<void> {
  const [username = '', text] = request.args;
  if (text !== undefined && text !== 'yes' && text !== 'no') {
    throw new UsageError(`${JSON.stringify(text)} is neither yes nor no.`);
  }
  await showOrSet(
    request,
    ({ accounts }) => accounts.setMustChange({ username, mustChange: text === 'yes' }),
    ({ mustChangePassword }) =>
      `${username} ${mustChangePassword ? 'must' : 'need not'} change the password.`,
  );
}

/** Changes an account if the command has a second argument, has a running server apply it, and shows the account. */
async function showOrSet(
  request: AdministrationRequest,
  change: (administration: Administration) => Promise<void>,
  sentence: (account: AccountDetails) => string,
): Promise<void> {
  const { context, options, settings } = request;
  const [username = '', value] = request.args;
  const account = await administer({ ...request, ifMissing: 'refuse' }, async (administration) => {
    if (value !== undefined) {
      await change(administration);
      await tellServer(settings);
    }
    return await administration.accounts.show(username);
  });
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify(accountJson(account), undefined, 2)}\n`
      : `${sentence(account)}\n`,
  );
}

/** @returns undefined for no group. @throws GroupError */
export async function groupIdIn(groups: AccountGroups, name: unknown): Promise<number | undefined> {
  if (typeof name !== 'string' || name === NO_GROUP) return undefined;
  return (await groups.find(name)).id;
}

/** Rights of a new account, in its whole tree. @throws UsageError */
export function initialAccess(rights: unknown): AccessSettings | undefined {
  if (typeof rights !== 'string') return undefined;
  orUsage(() => parseRights(rights));
  return { rights: { '/': rights } };
}

/** @returns undefined for `never`. @throws UsageError */
export function expiryIn(text: string): number | undefined {
  if (text === 'never') return undefined;
  const ms = parseMoment(text, (durationMs) => Date.now() + durationMs);
  if (ms !== undefined) return ms;
  throw new UsageError(
    `Expiry ${JSON.stringify(text)}: expected a date such as 2027-01-31 or 2027-01-31T18:00, a time from now such as 30d, or never.`,
  );
}
