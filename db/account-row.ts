import { type AccessSettings, mergedAccess, readAccess } from './access-settings.ts';
import { type FolderMount, readMounts } from './folder-mount.ts';

/** In the place of a hash: no password matches it, and another system keeps the password. */
export const NO_PASSWORD = '';

/** A row of the account table. */
export interface AccountRecord {
  readonly id: number;
  readonly username: string;
  /** {@link NO_PASSWORD} if another system keeps the password. */
  readonly passwordHash: string;
  readonly isExternal: boolean;
  /** The name of its directory below the root, in lower case; or an absolute path. */
  readonly home: string;
  /** In the marker of a home that is an absolute path; undefined for others. */
  readonly homeId: string | undefined;
  readonly enabled: boolean;
  readonly createdAtMs: number;
  /** `undefined`: never. */
  readonly lastLoginAtMs: number | undefined;
  readonly limitBytes: number;
  readonly usedBytes: number;
  /** Fate of uploads whose client has left; undefined for the server's default. */
  readonly cutUploads: CutUploads | undefined;
  /** Time for which its deleted files are kept, 0 for none; undefined for the server's default. */
  readonly keepDeletedMs: number | undefined;
  /** Limit of files, directories and links. */
  readonly limitEntries: number;
  readonly usedEntries: number;
  readonly creation: AccountCreation;
  /** Name of its group. */
  readonly group: string | undefined;
  /** Rights and limits that it has of its own. */
  readonly ownAccess: AccessSettings;
  /** The same together with those of its group. */
  readonly access: AccessSettings;
  /** `undefined`: never. */
  readonly expiresAtMs: number | undefined;
  readonly mustChangePassword: boolean;
  /** Networks from which it may log in; undefined for all. */
  readonly networks: readonly string[] | undefined;
  /** Bytes per second; 0 for no limit, undefined for the server's default. */
  readonly rateUp: number | undefined;
  readonly rateDown: number | undefined;
  /** Shared folders in its tree, with those of its group; undefined if there are none. */
  readonly folders: readonly FolderMount[] | undefined;
}

/** Modes and owner of what an account creates; undefined for those of the server. */
export interface AccountCreation {
  readonly umask: number | undefined;
  readonly fileMode: number | undefined;
  readonly directoryMode: number | undefined;
  /** The group is undefined if files keep the one that they are created with. */
  readonly owner: { readonly uid: number; readonly gid: number | undefined } | undefined;
}

export type CutUploads = 'keep' | 'publish';

/** What the queries of accounts select. */
interface AccountRow {
  readonly id: number;
  readonly username: string;
  readonly password_hash: string;
  readonly home: string;
  readonly enabled: number;
  readonly created_at_ms: number;
  readonly last_login_at_ms: number | null;
  readonly limit_bytes: number;
  readonly used_bytes: number;
  readonly cut_uploads: CutUploads | null;
  readonly keep_deleted_ms: number | null;
  readonly limit_entries: number;
  readonly used_entries: number;
  readonly umask: number | null;
  readonly file_mode: number | null;
  readonly directory_mode: number | null;
  readonly owner_uid: number | null;
  readonly owner_gid: number | null;
  readonly home_path: string | null;
  readonly home_id: string | null;
  readonly group_name: string | null;
  readonly group_access: string | null;
  readonly access: string | null;
  readonly expires_at_ms: number | null;
  readonly must_change_password: number;
  readonly networks: string | null;
  readonly rate_up: number | null;
  readonly rate_down: number | null;
  readonly folders: string;
}

/** The account of a row. */
export function toRecord(row: AccountRow): AccountRecord {
  const ownAccess = readAccess(row.access);
  return {
    id: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    isExternal: row.password_hash === NO_PASSWORD,
    home: row.home_path ?? row.home,
    homeId: row.home_id ?? undefined,
    enabled: row.enabled === 1,
    createdAtMs: row.created_at_ms,
    lastLoginAtMs: row.last_login_at_ms ?? undefined,
    limitBytes: row.limit_bytes,
    usedBytes: row.used_bytes,
    cutUploads: row.cut_uploads ?? undefined,
    keepDeletedMs: row.keep_deleted_ms ?? undefined,
    limitEntries: row.limit_entries,
    usedEntries: row.used_entries,
    creation: creationOf(row),
    group: row.group_name ?? undefined,
    ownAccess,
    access: mergedAccess(readAccess(row.group_access), ownAccess),
    expiresAtMs: row.expires_at_ms ?? undefined,
    mustChangePassword: row.must_change_password === 1,
    networks: row.networks?.split(','),
    rateUp: row.rate_up ?? undefined,
    rateDown: row.rate_down ?? undefined,
    folders: readMounts(row.folders),
  };
}

function creationOf(row: AccountRow): AccountCreation {
  const { owner_uid: uid, owner_gid: gid } = row;
  return {
    umask: row.umask ?? undefined,
    fileMode: row.file_mode ?? undefined,
    directoryMode: row.directory_mode ?? undefined,
    owner: uid === null ? undefined : { uid, gid: gid ?? undefined },
  };
}

/** The columns for the modes and the owner. */
export function columnsOf({ umask, fileMode, directoryMode, owner }: AccountCreation) {
  return {
    umask: umask ?? null,
    file_mode: fileMode ?? null,
    directory_mode: directoryMode ?? null,
    owner_uid: owner?.uid ?? null,
    owner_gid: owner?.gid ?? null,
  };
}
