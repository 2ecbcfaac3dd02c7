import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CutUploads } from '../../db/account-row.ts';
import { type AccountDetails, HomeExistsError } from '../accounts/account-administration.ts';
import { describeQuota, parseQuota } from '../config/quota-size.ts';
import { parseKeepDeleted, parseMaxFiles } from '../config/setting-parsers.ts';
import { describeSize } from '../config/units.ts';
import { NO_RULES } from '../disk/creation-rules.ts';
import { homePathOf, isElsewhere, stagingPathOf } from '../disk/home-place.ts';
import { CommandError } from '../errors/command-error.ts';
import { UsernameTakenError } from '../errors/errors.ts';
import { DEFAULT, orUsage } from './access-commands.ts';
import {
  accountFacts,
  accountJson,
  cutUploadsText,
  keepDeletedText,
  usageText,
} from './account-views.ts';
import type { UserVerb } from './actions.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { leftoversOf } from './leftovers.ts';
import { listUsers } from './list-users.ts';
import { creationIn, showOrSetModes, warnOfOwner } from './mode-command.ts';
import { showOrSetNetworks } from './networks-command.ts';
import { newPasswordFor, setPassword } from './password-command.ts';
import { confirm } from './questions.ts';
import { showOrSetRates } from './rate-command.ts';
import { recountUsers } from './recount-command.ts';
import { showOrSetUserRetention } from './retention-rule-commands.ts';
import { expiryIn, groupIdIn, initialAccess, userAccessCommands } from './user-access-commands.ts';

type UserCommand = (request: AdministrationRequest) => Promise<void>;

/** Runs `myftp-server user <verb>`. */
export const userCommands: Readonly<Record<UserVerb, UserCommand>> = {
  add: addUser,
  list: listUsers,
  show: showUser,
  passwd: setPassword,
  quota: showOrSetQuota,
  'cut-uploads': showOrSetCutUploads,
  'keep-deleted': showOrSetKeepDeleted,
  mode: showOrSetModes,
  ...userAccessCommands,
  networks: showOrSetNetworks,
  rate: showOrSetRates,
  retention: showOrSetUserRetention,
  enable: (request) => switchUser(request, 'enable'),
  disable: (request) => switchUser(request, 'disable'),
  remove: removeUser,
  recount: recountUsers,
};

async function addUser(request: AdministrationRequest): Promise<void> {
  const { context, settings } = request;
  const username = nameIn(request);
  const adoptsHome = request.options.adopt === true;
  const homePath = homeIn(request);
  const cutUploads = cutUploadsIn(request.options.cutUploads);
  const creation = creationIn(request.options, NO_RULES);
  const { group, mustChange, expires, rights } = request.options;
  const access = initialAccess(rights);
  const expiresAtMs = typeof expires === 'string' ? expiryIn(expires) : undefined;
  await administer({ ...request, ifMissing: 'create' }, async (administration) => {
    const { accounts, groups, chargeForHome, requireRoot } = administration;
    requireRoot();
    const groupId = await groupIdIn(groups, group);
    // Before the question, so that no password is thought up in vain.
    await accounts.checkAdd({ username, adoptsHome, homePath }).catch((error: unknown) => {
      if (error instanceof HomeExistsError) throw adoptionNeeded(error);
      if (!(error instanceof UsernameTakenError)) throw error;
      throw new CommandError(`There is an account "${username}" already.`);
    });
    const password = await newPasswordFor(request, username);
    const account = await accounts.add({
      username,
      password,
      adoptsHome,
      homePath,
      quotaBytes: settings.quotaBytes,
      cutUploads,
      creation,
      groupId,
      access,
      expiresAtMs,
      mustChangePassword: mustChange === true,
    });
    const usedBytes = await chargeForHome(account);
    const used = usedBytes === 0 ? '' : ` Its home holds ${describeSize(usedBytes)} already.`;
    const quota = describeQuota(account.limitBytes);
    context.stdout.write(`Added ${account.username} with a quota of ${quota}.${used}\n`);
    warnOfNoQuota(context, account);
    warnOfOwner(request, account);
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

async function showOrSetQuota(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [, size] = args;
  const username = nameIn(request);
  const quotaBytes = size === undefined ? undefined : orUsage(() => parseQuota(size));
  const { maxFiles: count } = options;
  const maxFiles = typeof count === 'string' ? orUsage(() => parseMaxFiles(count)) : undefined;
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

async function showOrSetKeepDeleted(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [, time] = args;
  if (time !== undefined) {
    const keepMs = time === DEFAULT ? undefined : orUsage(() => parseKeepDeleted(time));
    await administer({ ...request, ifMissing: 'refuse' }, ({ accounts }) =>
      accounts.setKeepDeleted({ username: nameIn(request), keepMs }),
    );
  }
  const account = await find(request);
  const note = time === undefined ? '' : ' It applies from the next login on.';
  context.stdout.write(
    options.json === true
      ? json(accountJson(account))
      : `Deleted files of ${account.username}: ${keepDeletedText(account)}.${note}\n`,
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
    await administration.folders.requireNoneOf(account);
    const deletesFiles = options.deleteFiles === true;
    const rootDir = deletesFiles ? administration.requireRoot() : administration.rootDir();
    const home = homePathOf(rootDir, account.home);
    if (deletesFiles && isElsewhere(account.home)) throw keptElsewhere(home);
    const fate = deletesFiles ? `All files in ${home} are deleted` : `The files in ${home} stay`;
    if (options.yes !== true && !(await confirm(context, `Remove ${account.username}? ${fate}.`))) {
      throw new CommandError('Nothing was removed.');
    }
    await accounts.remove(account.username);
    const files = deletesFiles ? [home, stagingPathOf(rootDir, account)] : [];
    for (const directory of [...files, ...leftoversOf(rootDir, account)]) {
      await deleteDirectory(account, directory);
    }
    context.stdout.write(`Removed ${account.username}. ${fate}.\n`);
  });
}

/** A link in the place of a home goes, not its target. */
async function deleteDirectory({ username }: AccountDetails, directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `Removed ${username}, but not all of ${directory} (${code}). Delete it by hand.`,
    );
  }
}

function keptElsewhere(home: string): CommandError {
  return new CommandError(
    `${home} is outside of the root, where the command deletes nothing. Leave out --delete-files, and delete it by hand.`,
  );
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

/** @throws UsageError */
function homeIn({ options: { home } }: AdministrationRequest): string | undefined {
  if (typeof home !== 'string') return undefined;
  if (path.isAbsolute(home)) return path.normalize(home);
  throw new UsageError(
    `--home: ${JSON.stringify(home)} is not an absolute path. Write one such as /srv/www/site.`,
  );
}

function cutUploadsIn(mode: unknown): CutUploads | undefined {
  if (mode === DEFAULT) return undefined;
  if (mode === 'keep' || mode === 'publish') return mode;
  throw new UsageError(
    `Cut uploads ${JSON.stringify(mode)}: expected keep, publish, or ${DEFAULT} for the setting of the server.`,
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
