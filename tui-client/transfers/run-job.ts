import type { TransferConnection } from '../remote/data/transfer-connection.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { runDownload } from './run-download.ts';
import { runUpload } from './run-upload.ts';

/** Moves one file, once. What fails is thrown. */
export function runJob(attempt: Attempt, connection: TransferConnection): Promise<Outcome> {
  const run = attempt.job.direction === 'upload' ? runUpload : runDownload;
  return run(attempt, connection);
}
