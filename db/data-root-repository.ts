import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** Remembers the directory of the homes, which belongs to the database: quotas and partials refer to it. */
export class DataRootRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** The absolute path; undefined before the first start, and in a database of an older version. */
  async find(): Promise<string | undefined> {
    const tables = await this.#db.introspection.getTables();
    if (!tables.some(({ name }) => name === 'data_root')) return undefined;
    const row = await this.#db.selectFrom('data_root').select('path').executeTakeFirst();
    return row?.path;
  }

  async remember(path: string, nowMs: number): Promise<void> {
    await this.#db.replaceInto('data_root').values({ id: 1, path, changed_at_ms: nowMs }).execute();
  }
}
