import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CutUploads } from '../../db/account-repository.ts';
import { type AccountDetails, HomeExistsError } from '../accounts/account-administration.ts';
import { describeQuota, parseQuota } from '../config/quota-size.ts';
import { parseMaxFiles } from '../config/setting-parsers.ts';
import { describeSize } from '../config/units.ts';
import { CommandError } from '../errors/command-error.ts';
import { UsernameTakenError } from '../errors/errors.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { STAGING_DIRECTORY } from '../uploads/staging-directory.ts';
import { accountFacts, accountJson, cutUploadsText, usageText } from './account-views.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { listUsers } from './list-users.ts';
import { showOrSetNetworks } from './networks-command.ts';
import type { UserVerb } from './program.ts';
import { askNewPassword, confirm } from './questions.ts';
import { showOrSetRates } from './rate-command.ts';
import { recountUsers } from './recount-command.ts';

/** Default of an account without a setting of its own. */
const DEFAULT = 'default';

type UserCommand = (request: AdministrationRequest) => Promise<void>;

/** Runs `myftp-server user <verb>`. */
export const userCommands: Readonly<Record<UserVerb, UserCommand>> = {
  add: addUser,
  list: listUsers,
  show: showUser,
  passwd: setPassword,
  quota: showOrSetQuota,
  'cut-uploads': showOrSetCutUploads,
  networks: showOrSetNetworks,
  rate: showOrSetRates,
  enable: (request) => switchUser(request, 'enable'),
  disable: (request) => switchUser(request, 'disable'),
  remove: removeUser,
  recount: recountUsers,
};

async function addUser(request: AdministrationRequest): Promise<void> {
  const { context, settings } = request;
  const username = nameIn(request);
  const adoptsHome = request.options.adopt === true;
  const cutUploads = cutUploadsIn(request.options.cutUploads);
  await administer({ ...request, ifMissing: 'create' }, async (administration) => {
    const { accounts, chargeForHome, requireRoot } = administration;
    requireRoot();
    // Before the question, so that no password is thought up in vain.
    await accounts.checkAdd({ username, adoptsHome }).catch((error: unknown) => {
      if (error instanceof HomeExistsError) throw adoptionNeeded(error);
      if (!(error instanceof UsernameTakenError)) throw error;
      throw new CommandError(`There is an account "${username}" already.`);
    });
    const password = await askNewPassword({
      context,
      username,
      isOnStdin: hasPasswordOnStdin(request),
    });
    const account = await accounts.add({
      username,
      password,
      adoptsHome,
      quotaBytes: settings.quotaBytes,
      cutUploads,
    });
    const usedBytes = await chargeForHome(account);
    const used = usedBytes === 0 ? '' : ` Its home holds ${describeSize(usedBytes)} already.`;
    const quota = describeQuota(account.limitBytes);
    context.stdout.write(`Added ${account.username} with a quota of ${quota}.${used}\n`);
    warnOfNoQuota(context, account);
  });
}

async function showUser(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  await administer({ ...request, ifMissing: 'refuse' }, async ({ accounts, rootDir }) => {
    const account = await accounts.show(nameIn(request));
    const text =
      options.json === true ? json(accountJson(account)) : accountFacts(account, rootDir());
    context.stdout.write(text);
  });
}

async function setPassword(request: AdministrationRequest): Promise<void> {
  const { context } = request;
  await administer({ ...request, ifMissing: 'refuse' }, async ({ accounts }) => {
    const { username } = await accounts.show(nameIn(request));
    const password = await askNewPassword({
      context,
      username,
      isOnStdin: hasPasswordOnStdin(request),
    });
    await accounts.setPassword({ username, password });
    context.stdout.write(`Changed the password of ${username}.\n`);
  });
}

async function showOrSetQuota(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [, size] = args;
  const username = nameIn(request);
  const quotaBytes = size === undefined ? undefined : numberIn(size, parseQuota);
  const maxFiles =
    typeof options.maxFiles === 'string' ? numberIn(options.maxFiles, parseMaxFiles) : undefined;
  if (quotaBytes !== undefined || maxFiles !== undefined) {
    await administer({ ...request, ifMissing: 'refuse' }, async ({ accounts }) => {
      if (quotaBytes !== undefined) await accounts.setQuota({ username, quotaBytes });
      if (maxFiles !== undefined) await accounts.setMaxFiles({ username, maxFiles });
    });
  }
  const account = await find(request);
  context.stdout.write(
    options.json === true
      ? json(accountJson(account))
      : `${account.username} uses ${usageText(account)}.\n`,
  );
  if (size !== undefined) warnOfNoQuota(context, account);
}

async function showOrSetCutUploads(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [, mode] = args;
  if (mode !== undefined) {
    const cutUploads = cutUploadsIn(mode);
    await administer({ ...request, ifMissing: 'refuse' }, ({ accounts }) =>
      accounts.setCutUploads({ username: nameIn(request), cutUploads }),
    );
  }
  const account = await find(request);
  const note = mode === undefined ? '' : ' It applies from the next login on.';
  context.stdout.write(
    options.json === true
      ? json(accountJson(account))
      : `Uploads of ${account.username} whose client left: ${cutUploadsText(account)}.${note}\n`,
  );
}

async function switchUser(
  request: AdministrationRequest,
  verb: 'enable' | 'disable',
): Promise<void> {
  const { context } = request;
  await administer({ ...request, ifMissing: 'refuse' }, ({ accounts }) =>
    accounts[verb](nameIn(request)),
  );
  const { username } = await find(request);
  context.stdout.write(
    verb === 'enable'
      ? `${username} can log in again.\n`
      : `${username} can no longer log in; a running server ends the sessions that are open.\n`,
  );
}

async function removeUser(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  await administer({ ...request, ifMissing: 'refuse' }, async (administration) => {
    const { accounts } = administration;
    const account = await accounts.show(nameIn(request));
    const deletesFiles = options.deleteFiles === true;
    const rootDir = deletesFiles ? administration.requireRoot() : administration.rootDir();
    const home = path.join(rootDir, account.home);
    const fate = deletesFiles ? `All files in ${home} are deleted` : `The files in ${home} stay`;
    if (options.yes !== true && !(await confirm(context, `Remove ${account.username}? ${fate}.`))) {
      throw new CommandError('Nothing was removed.');
    }
    await accounts.remove(account.username);
    if (deletesFiles) await deleteFiles({ account, home, rootDir });
    context.stdout.write(`Removed ${account.username}. ${fate}.\n`);
  });
}

/** The home and what cut uploads have left. A link in the place of the home goes, not its target. */
async function deleteFiles({
  account,
  home,
  rootDir,
}: {
  account: AccountDetails;
  home: string;
  rootDir: string;
}): Promise<void> {
  const staging = path.join(rootDir, STAGING_DIRECTORY, String(account.id));
  for (const directory of [home, staging]) {
    try {
      await rm(directory, { recursive: true, force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new CommandError(
        `Removed ${account.username}, but not all of ${directory} (${code}). Delete it by hand.`,
      );
    }
  }
}

function find(request: AdministrationRequest): Promise<AccountDetails> {
  return administer({ ...request, ifMissing: 'refuse' }, ({ accounts }) =>
    accounts.show(nameIn(request)),
  );
}

function adoptionNeeded({ message }: HomeExistsError): CommandError {
  return new CommandError(
    `${message} Add --adopt to give the account what it holds, or move the directory away.`,
  );
}

/** 0 means "no limit" in many programs. */
function warnOfNoQuota({ stderr }: CommandContext, { username, limitBytes }: AccountDetails): void {
  if (limitBytes > 0) return;
  stderr.write(
    `Mind: with a quota of 0, ${username} can upload nothing. No limit is: unlimited.\n`,
  );
}

function nameIn({ args }: AdministrationRequest): string {
  const [name = ''] = args;
  return name;
}

function hasPasswordOnStdin({ options }: AdministrationRequest): boolean {
  return options.passwordStdin === true;
}

function cutUploadsIn(mode: unknown): CutUploads | undefined {
  if (mode === DEFAULT) return undefined;
  if (mode === 'keep' || mode === 'publish') return mode;
  throw new UsageError(
    `Cut uploads ${JSON.stringify(mode)}: expected keep, publish, or ${DEFAULT} for the setting of the server.`,
  );
}

function numberIn(text: string, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof WrongFormError) throw new UsageError(error.message);
    throw error;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
