import type { Kysely } from 'kysely';

/**
 * Homes outside of the root: the absolute path, and the id in the marker file of the home. NULL: the home is the
 * directory below the root that has the name in `home`.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('account').addColumn('home_path', 'text').execute();
  await db.schema.alterTable('account').addColumn('home_id', 'text').execute();
  await db.schema
    .createIndex('account_home_path')
    .on('account')
    .column('home_path')
    .unique()
    .execute();
}
