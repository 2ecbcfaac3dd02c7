import { Failure } from '../errors/failure.ts';
import { WriteStreamTarget } from '../local/write-target.ts';
import type { TransferConnection } from '../remote/data/transfer-connection.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { downloadWhole } from './download-whole.ts';
import { notTriedAgain } from './not-tried-again.ts';
import { checksumFailure, compareDigests, startOwnDigest } from './verify.ts';

/** Fetches a file into a device or a pipe. What has been written cannot be taken back, so it is tried once. */
export async function writeThrough(
  { job, signal, report }: Attempt,
  connection: TransferConnection,
  path: string,
): Promise<Outcome> {
  if (job.policy === 'skip') return { kind: 'skipped', note: 'It already exists.' };
  const entry = await connection.place.stat(job.from);
  if (entry === undefined) throw new Failure('missing', `${job.from}: no longer exists.`);
  const { sizeBytes, modifiedMs } = entry;
  report({ type: 'sized', sizeBytes, modifiedMs });
  const own = startOwnDigest(connection);
  const target = await WriteStreamTarget.open(path, signal);
  let writtenBytes = 0;
  try {
    report({ type: 'begun', to: job.to, doneBytes: 0 });
    await downloadWhole(connection, job.from, {
      entry,
      signal,
      sink: async (octets) => {
        own?.running.update(octets);
        await target.append(octets);
        writtenBytes += octets.length;
        report({ type: 'moved', doneBytes: writtenBytes });
      },
    });
    const verified = await compareDigests(connection, job.from, { own, signal });
    if (verified === 'different') throw checksumFailure(job.from, 'It has been written already.');
    return { kind: 'done', verified };
  } catch (error) {
    throw writtenBytes > 0 ? notTriedAgain(error) : error;
  } finally {
    await target.close();
  }
}
