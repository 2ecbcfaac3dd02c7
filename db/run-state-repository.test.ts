import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { migrate } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { RunStateRepository } from './run-state-repository.ts';

test('a run that was not marked as ended did not end cleanly', async () => {
  const { queries } = openDatabase(':memory:');
  await migrate(queries);
  const runState = new RunStateRepository(queries);
  expect(await runState.wasShutDownCleanly()).toBe(true);
  await runState.markRunning(1);
  expect(await runState.wasShutDownCleanly()).toBe(false);
  expect((await sql`PRAGMA synchronous`.execute(queries)).rows).toEqual([{ synchronous: 1 }]);
  await runState.markCleanShutdown(2);
  expect(await runState.wasShutDownCleanly()).toBe(true);
});
