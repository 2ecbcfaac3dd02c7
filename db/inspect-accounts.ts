import type SQLite from 'better-sqlite3';
import { type AccessSettings, mergedAccess, readAccess } from './access-settings.ts';

export interface InspectedHome {
  readonly username: string;
  readonly home: string;
  readonly homeId: string;
}

export interface InspectedOwner {
  readonly username: string;
  readonly owner: { readonly uid: number; readonly gid: number | undefined };
}

export interface InspectedAccount {
  readonly username: string;
  readonly enabled: boolean;
  /** Infinity for never. */
  readonly expiresAtMs: number;
  readonly limitBytes: number;
  /** With that of its group. */
  readonly access: AccessSettings;
}

// Each finds nothing in a database of an earlier version.

/** Accounts whose homes are outside of the root. */
export function homesElsewhereIn(sqlite: SQLite.Database): readonly InspectedHome[] {
  if (!hasColumn(sqlite, 'home_path')) return [];
  const query = `SELECT username, home_path AS home, home_id AS homeId FROM account WHERE home_path IS NOT NULL`;
  return sqlite.prepare<[], InspectedHome>(`${query} ORDER BY username`).all();
}

/** Accounts whose files are given to a user. */
export function ownersIn(sqlite: SQLite.Database): readonly InspectedOwner[] {
  if (!hasColumn(sqlite, 'owner_uid')) return [];
  const query = `SELECT username, owner_uid AS uid, owner_gid AS gid FROM account WHERE owner_uid IS NOT NULL`;
  const rows = sqlite.prepare<[], { username: string; uid: number; gid: number | null }>(
    `${query} ORDER BY username`,
  );
  return rows
    .all()
    .map(({ username, uid, gid }) => ({ username, owner: { uid, gid: gid ?? undefined } }));
}

interface AccountRow {
  readonly username: string;
  readonly enabled: number;
  readonly expires: number | null;
  readonly limitBytes: number;
  readonly access: string | null;
  readonly groupAccess: string | null;
}

/** An account by its name. */
export function accountIn(sqlite: SQLite.Database, username: string): InspectedAccount | undefined {
  if (!hasColumn(sqlite, 'expires_at_ms')) return undefined;
  const row = sqlite
    .prepare<[string], AccountRow>(
      `SELECT username, enabled, expires_at_ms AS expires, limit_bytes AS limitBytes, account.access,
         account_group.access AS groupAccess
       FROM account JOIN quota ON account_id = account.id LEFT JOIN account_group ON account_group.id = group_id
       WHERE lower(username) = ?`,
    )
    .get(username.toLowerCase());
  if (row === undefined) return undefined;
  const access = mergedAccess(readAccess(row.groupAccess), readAccess(row.access));
  const { limitBytes, enabled, expires } = row;
  return {
    ...{ username: row.username, enabled: enabled === 1, limitBytes, access },
    expiresAtMs: expires ?? Infinity,
  };
}

function hasColumn(sqlite: SQLite.Database, column: string): boolean {
  return sqlite
    .prepare(`SELECT name FROM pragma_table_info('account')`)
    .pluck()
    .all()
    .includes(column);
}
