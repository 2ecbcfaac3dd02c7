import type SQLite from 'better-sqlite3';

/** A shared folder with the home of the account that is charged for it. */
export interface InspectedFolder {
  readonly name: string;
  readonly home: string;
  readonly homeId: string | null;
  readonly directory: string;
}

/** None in a database of an earlier version. */
export function foldersIn(sqlite: SQLite.Database): readonly InspectedFolder[] {
  const table = sqlite.prepare(
    `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'folder'`,
  );
  if (table.get() === undefined) return [];
  const query = `
    SELECT folder.name, coalesce(home_path, home) AS home, home_id AS homeId, directory
    FROM folder JOIN account ON account.id = folder.account_id ORDER BY folder.name`;
  return sqlite.prepare<[], InspectedFolder>(query).all();
}
