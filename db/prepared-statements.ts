import type SQLite from 'better-sqlite3';

/** Statements of the server's normal work; lists of values of many lengths make more. */
const MAX_STATEMENTS = 200;

/** Statements that change the schema, or run once, are not kept. */
const KEPT = /^\s*(?:select|insert|update|delete)\b/i;

/**
 * Statements that are prepared once. A statement that is thrown away keeps its memory, which V8 does not see, until the
 * garbage is collected: 100,000 deletes in a row took hundreds of MiB.
 */
export class PreparedStatements {
  readonly #sqlite: SQLite.Database;
  /** The one that was used longest ago comes first. */
  readonly #bySql = new Map<string, SQLite.Statement>();

  constructor(sqlite: SQLite.Database) {
    this.#sqlite = sqlite;
  }

  prepare(sql: string): SQLite.Statement {
    const statement = this.#bySql.get(sql) ?? this.#sqlite.prepare(sql);
    if (!KEPT.test(sql)) return statement;
    this.#bySql.delete(sql);
    this.#bySql.set(sql, statement);
    const [oldest] = this.#bySql.keys();
    if (this.#bySql.size > MAX_STATEMENTS && oldest !== undefined) this.#bySql.delete(oldest);
    return statement;
  }
}
