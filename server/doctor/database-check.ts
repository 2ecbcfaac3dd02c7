import { join } from 'node:path';
import { DatabaseError } from '../../db/database-error.ts';
import { type Check, ok, problem } from './finding.ts';

export const databaseCheck: Check = {
  id: 'database',
  async inspect({ settings: { dataDir }, database }) {
    try {
      const inspection = await database();
      if (inspection === undefined) {
        return [ok('There is no database yet; the first start makes it.')];
      }
      const { accounts, unappliedMigrations } = inspection;
      const migration =
        unappliedMigrations === 0 ? '' : ' The next start brings it to the form of this version.';
      return [ok(`The database is sound and has ${accounts} accounts.${migration}`)];
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return [
        problem(
          error.message,
          `Look at the rights of ${join(dataDir, 'myftp.db')}; restore it from a backup if it is damaged.`,
        ),
      ];
    }
  },
};
