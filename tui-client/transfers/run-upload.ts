import { isSendableName } from '../local/disk-name.ts';
import { SourceFile } from '../local/source-file.ts';
import { mayBeStream, StreamSource } from '../local/stream-source.ts';
import type {
  TransferConnection,
  TransferConnections,
} from '../remote/data/transfer-connection.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { RemoteSource } from './remote-source.ts';
import { unsendableName } from './unsendable-name.ts';
import { Upload } from './upload-file.ts';
import { uploadStream } from './upload-stream.ts';

/** Sends one file, and looks whether the server has the same. */
export async function runUpload(
  attempt: Attempt,
  connection: TransferConnection,
): Promise<Outcome> {
  const { job, sources, signal, remoteTargets } = attempt;
  if (!isSendableName(job.to)) throw unsendableName(job.from);
  const task = () =>
    sources === undefined
      ? uploadLocal(attempt, connection)
      : uploadFrom(sources, attempt, connection);
  return remoteTargets.twins.write(job.to, { place: connection.place, signal, task });
}

async function uploadLocal(attempt: Attempt, connection: TransferConnection): Promise<Outcome> {
  const { job } = attempt;
  const links = job.parent === undefined || job.links === 'follow' ? 'follow' : 'refuse';
  if (mayBeStream(job.sizeBytes)) {
    const stream = await StreamSource.open(job.from, { links, signal: attempt.signal });
    if (stream !== undefined) {
      try {
        return await uploadStream(attempt, connection, stream);
      } finally {
        await stream.close();
      }
    }
  }
  const file = SourceFile.open(job.from, links);
  try {
    return await new Upload(attempt, connection, file).run();
  } finally {
    await file.close();
  }
}

/** From another server. */
function uploadFrom(
  sources: TransferConnections,
  attempt: Attempt,
  connection: TransferConnection,
): Promise<Outcome> {
  return sources.use(async (sourceConnection) => {
    const source = await RemoteSource.open(attempt, sourceConnection);
    return new Upload(attempt, connection, source).run();
  }, attempt.signal);
}
