import type SQLite from 'better-sqlite3';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
} from 'kysely';
import type { LockQueue } from './lock-queue.ts';
import { PreparedStatements } from './prepared-statements.ts';

interface Shared {
  readonly sqlite: SQLite.Database;
  readonly statements: PreparedStatements;
  readonly locks: LockQueue;
}

/**
 * Kysely's SQLite dialect, for several processes on one file.
 *
 * Transactions take the write lock when they start. A transaction that reads first and writes later would fail as soon
 * as another process has written in between, whatever the busy timeout. Migrations run inside one such transaction: of
 * two processes that start at once, the second waits and finds the work done.
 *
 * Statements wait for the lock by timer: see {@link LockQueue}.
 */
export class SharedSqliteDialect extends SqliteDialect {
  readonly #shared: Shared;

  constructor(shared: Omit<Shared, 'statements'>) {
    super({ database: shared.sqlite });
    this.#shared = { ...shared, statements: new PreparedStatements(shared.sqlite) };
  }

  override createDriver(): Driver {
    return new SharedDriver(this.#shared);
  }

  override createAdapter(): SqliteAdapter {
    return new SharedAdapter();
  }
}

class SharedAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /** They share one, but a statement that waits for the lock must not keep those that only read waiting. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class SharedDriver implements Driver {
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SharedConnection> {
    return new SharedConnection(this.#shared);
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(connection: SharedConnection): Promise<void> {
    await connection.begin();
  }

  async commitTransaction(connection: SharedConnection): Promise<void> {
    connection.end('commit');
  }

  async rollbackTransaction(connection: SharedConnection): Promise<void> {
    connection.end('rollback');
  }

  async destroy(): Promise<void> {
    this.#shared.sqlite.close();
  }
}

class SharedConnection implements DatabaseConnection {
  readonly #shared: Shared;
  #isInTransaction = false;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  async begin(): Promise<void> {
    const { sqlite, locks } = this.#shared;
    await locks.begin(() => void sqlite.exec('begin immediate'));
    this.#isInTransaction = true;
  }

  /**
   * Leaves no transaction open. SQLite rolls back by itself on a full disk, and a second rollback would hide the reason;
   * after a commit that failed, Kysely's rollback comes when the transaction of another may have begun.
   */
  end(statement: 'commit' | 'rollback'): void {
    if (!this.#isInTransaction) return;
    this.#isInTransaction = false;
    const { sqlite, locks } = this.#shared;
    locks.end(() => {
      try {
        if (statement === 'commit') sqlite.exec('commit');
      } finally {
        if (sqlite.inTransaction) sqlite.exec('rollback');
      }
    });
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { statements, locks } = this.#shared;
    const execute = () => resultOf<Row>(statements.prepare(sql), parameters);
    if (this.#isInTransaction) return execute();
    return await locks.run(READS.test(sql) ? 'read' : 'write', execute);
  }

  // biome-ignore lint/correctness/useYield: nothing here reads rows one by one.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('rows are not streamed');
  }
}

/** Statements that take no write lock. */
const READS = /^\s*(?:select|pragma)\b/i;

function resultOf<Row>(
  statement: SQLite.Statement,
  parameters: readonly unknown[],
): QueryResult<Row> {
  if (statement.reader) return { rows: statement.all(parameters) as Row[] };
  const { changes, lastInsertRowid } = statement.run(parameters);
  return { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] };
}
