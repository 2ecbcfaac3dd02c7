import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from '../../db/open-database.ts';

const LOOK_EVERY_MS = 10;

/** Resolves when a server has measured the accounts that one before it had left in doubt. */
export async function untilMeasured(dataDir: string): Promise<void> {
  const database = openDatabase(join(dataDir, 'myftp.db'));
  const dead = () =>
    database.queries
      .selectFrom('member')
      .select('id')
      .where('died_at_ms', 'is not', null)
      .executeTakeFirst();
  try {
    while ((await dead()) !== undefined) await delay(LOOK_EVERY_MS);
  } finally {
    await database.close();
  }
}
