import { join } from 'node:path';
import { openDatabase } from '../../db/open-database.ts';

/** Makes a database that a crash has left seem to come from another boot of the machine: all accounts are measured. */
export async function forgetBoot(dataDir: string): Promise<void> {
  const database = openDatabase(join(dataDir, 'myftp.db'));
  try {
    await database.queries.updateTable('member').set({ boot_id: 'another' }).execute();
  } finally {
    await database.close();
  }
}
