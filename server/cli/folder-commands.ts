import { rm } from 'node:fs/promises';
import type { AccountRecord } from '../../db/account-row.ts';
import { isFolderAccount } from '../../db/folder-account.ts';
import { type FolderDetails, folderPathOf, holderOf } from '../accounts/shared-folders.ts';
import { describeSize } from '../config/units.ts';
import { homePathOf } from '../disk/home-place.ts';
import { CommandError } from '../errors/command-error.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { usageText } from './account-views.ts';
import type { FolderVerb } from './actions.ts';
import { type Administration, type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { leftoversOf } from './leftovers.ts';
import { confirm } from './questions.ts';
import { tellServer } from './tell-server.ts';
import { textTable } from './text-table.ts';

type FolderCommand = (request: AdministrationRequest) => Promise<void>;

/** Runs `myftp-server folder <verb>`. */
export const folderCommands: Readonly<Record<FolderVerb, FolderCommand>> = {
  add: addFolder,
  list: listFolders,
  share: shareFolder,
  unshare: unshareFolder,
  remove: removeFolder,
};

async function addFolder(request: AdministrationRequest): Promise<void> {
  const { context } = request;
  const [name = ''] = request.args;
  const isOfAccount = isDirectoryOfAccount(request);
  const added = await administer({ ...request, ifMissing: 'create' }, (administration) =>
    isOfAccount ? addDirectory(request, administration) : addOwn(request, administration),
  );
  context.stdout.write(`Added the folder ${name.toLowerCase()}. ${added}\n`);
}

/** @throws UsageError for options that contradict each other. */
function isDirectoryOfAccount({ options, flags }: AdministrationRequest): boolean {
  const { owner, directory, path } = options;
  if ((owner === undefined) !== (directory === undefined)) {
    throw new UsageError('--owner and --directory belong together.');
  }
  if (owner === undefined) return false;
  if (path !== undefined) throw new UsageError('--path and --owner exclude each other.');
  if (flags.quota !== undefined) {
    throw new UsageError('--quota: files of an --owner are charged to that account.');
  }
  return true;
}

async function addDirectory(
  { args, options }: AdministrationRequest,
  { folders }: Administration,
): Promise<string> {
  const [name = ''] = args;
  const [username, directory] = [String(options.owner), String(options.directory)];
  await folders.addDirectoryOf({ name, username, directory });
  return `Its files are charged to ${username}.`;
}

async function addOwn(
  { args, options }: AdministrationRequest,
  administration: Administration,
): Promise<string> {
  const [name = ''] = args;
  const path = typeof options.path === 'string' ? options.path : undefined;
  const account = await administration.folders.add({ name, path });
  const usedBytes = await administration.chargeForHome(account);
  const home = homePathOf(administration.rootDir(), account.home);
  return `Its files are in ${home} (${describeSize(usedBytes)}).`;
}

async function listFolders(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const { folders, rootDir } = await administer(
    { ...request, ifMissing: 'refuse' },
    async (administration) => ({
      folders: await administration.folders.list(),
      rootDir: administration.rootDir(),
    }),
  );
  if (options.json === true) {
    const list = folders.map((folder) => folderJson(folder, rootDir));
    context.stdout.write(`${JSON.stringify(list, undefined, 2)}\n`);
  } else if (folders.length === 0) {
    context.stdout.write('There are no shared folders.\n');
  } else {
    const rows = folders.map((folder) => [
      folder.name,
      folderPathOf(rootDir, folder),
      chargeText(folder),
      sharesText(folder),
    ]);
    context.stdout.write(textTable(['FOLDER', 'DIRECTORY', 'CHARGED', 'SHARED WITH'], rows));
  }
}

function folderJson(folder: FolderDetails, rootDir: string) {
  const { account } = folder;
  return {
    name: folder.name,
    path: folderPathOf(rootDir, folder),
    owner: isFolderAccount(folder.owner) ? null : folder.owner,
    directory: isFolderAccount(folder.owner) ? null : folder.directory,
    quotaBytes: isUnlimited(account.limitBytes) ? null : account.limitBytes,
    usedBytes: account.usedBytes,
    shares: folder.shares.map(({ account: username, group, path, isReadOnly }) => ({
      ...{ account: username ?? null, group: group ?? null, at: path, readOnly: isReadOnly },
    })),
  };
}

function chargeText({ owner, account }: FolderDetails): string {
  return isFolderAccount(owner) ? usageText(account) : `to ${owner}`;
}

function sharesText({ shares }: FolderDetails): string {
  const texts = shares.map(
    (share) => `${holderOf(share)} at ${share.path}${share.isReadOnly ? ' (read-only)' : ''}`,
  );
  return texts.length === 0 ? 'none' : texts.join(', ');
}

async function shareFolder(request: AdministrationRequest): Promise<void> {
  const { context, options, settings } = request;
  const [name = '', holder = ''] = request.args;
  const isReadOnly = options.readOnly === true;
  const at = String(options.at);
  const { path, formerPath = path } = await administer(
    { ...request, ifMissing: 'refuse' },
    async ({ folders }) => {
      const sharedAt = await folders.share(name, holder, { at, isReadOnly });
      await tellServer(settings);
      return sharedAt;
    },
  );
  const access = isReadOnly ? 'can read it' : 'can read and change it';
  const moved = formerPath === path ? '' : ` It is no longer at ${formerPath}.`;
  context.stdout.write(`${holder} sees the folder ${name} at ${path} and ${access}.${moved}\n`);
}

async function unshareFolder(request: AdministrationRequest): Promise<void> {
  const { context, settings } = request;
  const [name = '', holder = ''] = request.args;
  await administer({ ...request, ifMissing: 'refuse' }, async ({ folders }) => {
    await folders.unshare(name, holder);
    await tellServer(settings);
  });
  context.stdout.write(`${holder} no longer sees the folder ${name}.\n`);
}

async function removeFolder(request: AdministrationRequest): Promise<void> {
  const { context, options, settings } = request;
  const [name = ''] = request.args;
  await administer({ ...request, ifMissing: 'refuse' }, async ({ folders, rootDir }) => {
    const question = `Remove the folder ${name} from all trees? Its files stay on the disk.`;
    if (options.yes !== true && !(await confirm(context, question))) {
      throw new CommandError('Nothing was removed.');
    }
    const account = await folders.remove(name);
    await tellServer(settings);
    if (account !== undefined) await removeLeftovers(rootDir(), account);
  });
  context.stdout.write(`Removed the folder ${name}. Its files stay on the disk.\n`);
}

/** What has been deleted in a folder belongs to no account now. */
async function removeLeftovers(rootDir: string, account: AccountRecord): Promise<void> {
  for (const directory of leftoversOf(rootDir, account)) {
    await rm(directory, { recursive: true, force: true });
  }
}
