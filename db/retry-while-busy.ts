import { DatabaseBusyError } from './database-error.ts';

/**
 * Does again what a locked database has refused, for work that may wait longer than a statement does.
 *
 * @throws DatabaseBusyError when the time is over.
 */
export async function retryWhileBusy<Result>(
  task: () => Promise<Result>,
  patienceMs: number,
): Promise<Result> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof DatabaseBusyError) || performance.now() >= deadlineMs) throw error;
    }
  }
}
