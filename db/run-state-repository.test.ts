import { expect, test } from '@jest/globals';
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
  await runState.markCleanShutdown(2);
  expect(await runState.wasShutDownCleanly()).toBe(true);
});
