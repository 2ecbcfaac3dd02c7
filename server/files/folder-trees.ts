import { isDeepStrictEqual } from 'node:util';
import type { AccountRecord } from '../../db/account-row.ts';
import type { FolderMount } from '../../db/folder-mount.ts';
import { isHomeMounted } from '../disk/home-marker.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { Access } from './access.ts';
import { FilesWithFolders } from './files-with-folders.ts';
import { MountedFolder } from './mounted-folder.ts';
import { Mountpoint } from './mountpoint.ts';
import type { SessionFiles } from './session-files.ts';
import type { UserFileSystem } from './user-file-system.ts';

/** How a session uses the tree of an account. */
export interface TreeRequest {
  readonly access: Access;
  /** The only directory that it can reach; all of the tree if left out. */
  readonly scope?: VirtualPath;
  /** See `SessionRules.shown` in `user-file-system.ts`. */
  readonly shown?: (path: VirtualPath) => VirtualPath;
}

interface FolderDeps {
  /** The account of the session, as `Mountpoint` knows it. */
  readonly member: string;
  readonly findOwner: (accountId: number) => Promise<AccountRecord | undefined>;
  readonly openTree: (owner: AccountRecord, request: TreeRequest) => Promise<UserFileSystem>;
  readonly onMissing: ((folder: string, error: unknown) => void) | undefined;
}

/** The files of an account with its shared folders. A folder that is not available is tried again when it is used. */
export async function openFolders(
  home: UserFileSystem,
  folders: readonly FolderMount[],
  deps: FolderDeps,
): Promise<FilesWithFolders> {
  return new FilesWithFolders(home, await mounted(home, folders, deps));
}

/** The files of a session after its folders may have changed. */
export async function refreshedFiles(
  files: SessionFiles,
  folders: readonly FolderMount[] | undefined,
  deps: FolderDeps,
): Promise<SessionFiles> {
  if (!(files instanceof FilesWithFolders)) {
    return folders === undefined
      ? files
      : await openFolders(files as UserFileSystem, folders, deps);
  }
  if (isDeepStrictEqual(files.mounts, folders ?? [])) return files;
  files.setFolders(await mounted(files.home, folders ?? [], deps));
  return files;
}

async function mounted(
  { access, sessionUmask }: UserFileSystem,
  folders: readonly FolderMount[],
  deps: FolderDeps,
): Promise<readonly MountedFolder[]> {
  const all = folders.map((mount) => {
    const mountpoint = new Mountpoint(mount, deps.member);
    const openTree = (inFolder: Access) => treeOf(mount, { access: inFolder, mountpoint }, deps);
    return new MountedFolder({ mount, mountpoint, access, openTree, umask: sessionUmask });
  });
  await Promise.all(all.map((folder) => folder.open()));
  return all;
}

async function treeOf(
  { folder, accountId }: FolderMount,
  { access, mountpoint }: { readonly access: Access; readonly mountpoint: Mountpoint },
  { findOwner, openTree, onMissing }: FolderDeps,
): Promise<UserFileSystem | undefined> {
  try {
    const owner = await findOwner(accountId);
    if (owner === undefined || !isHomeMounted(owner)) throw new Error('its file system is missing');
    const shown = (path: VirtualPath) => mountpoint.shown(path);
    return await openTree(owner, { access, scope: mountpoint.base, shown });
  } catch (error) {
    onMissing?.(folder, error);
    return undefined;
  }
}
