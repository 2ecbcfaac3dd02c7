import { Failure } from '../errors/failure.ts';
import type { StreamSource } from '../local/stream-source.ts';
import type { TransferConnection } from '../remote/data/transfer-connection.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { chooseTarget } from './choose-target.ts';
import { findTarget } from './find-target.ts';
import { notTriedAgain } from './not-tried-again.ts';
import { confirmUpload, noteOf, startOwnDigest } from './verify.ts';
import { withParents } from './with-parents.ts';

/** Sends what can be read once only, and whose size is known at its end. */
export async function uploadStream(
  attempt: Attempt,
  connection: TransferConnection,
  source: StreamSource,
): Promise<Outcome> {
  const { job, remoteTargets, claims } = attempt;
  const { place } = connection;
  const existing = await findTarget(place, job.to, () => remoteTargets.findAnew(job.to, place));
  if (existing !== undefined && (job.policy === 'resume' || job.policy === 'newer')) {
    throw new Failure('exists', `${job.to}: exists, and ${job.from} has neither size nor time.`);
  }
  const target = await chooseTarget(attempt, {
    source: { sizeBytes: undefined, modifiedMs: undefined },
    existing,
    find: (path) => remoteTargets.find(path, place),
  });
  if (target.kind !== 'write') return target;
  try {
    return await new StreamUpload(attempt, connection, source).send(target.to);
  } finally {
    claims.release(target.to);
  }
}

class StreamUpload {
  readonly #attempt: Attempt;
  readonly #connection: TransferConnection;
  readonly #source: StreamSource;
  #readBytes = 0;

  constructor(attempt: Attempt, connection: TransferConnection, source: StreamSource) {
    this.#attempt = attempt;
    this.#connection = connection;
    this.#source = source;
  }

  async send(to: string): Promise<Outcome> {
    const { report, job } = this.#attempt;
    report({ type: 'begun', to, doneBytes: 0 });
    try {
      return await withParents({
        place: this.#connection.place,
        path: to,
        send: () => this.#send(to),
        mayRepeat: () => this.#readBytes === 0 && job.parent === undefined,
      });
    } catch (error) {
      throw this.#readBytes > 0 ? notTriedAgain(error) : error;
    }
  }

  async #send(to: string): Promise<Outcome> {
    const { signal, report } = this.#attempt;
    const own = startOwnDigest(this.#connection);
    const source = this.#source.read((octets) => {
      own?.running.update(octets);
      this.#readBytes += octets.length;
    });
    const receipt = await this.#connection.upload(to, {
      source,
      signal,
      wantsReceipt: own !== undefined,
      onBytes: (movedBytes) => report({ type: 'moved', doneBytes: movedBytes }),
    });
    report({ type: 'checking' });
    const sizeBytes = this.#readBytes;
    report({ type: 'sized', sizeBytes, modifiedMs: undefined });
    const confirmed = await confirmUpload(this.#connection, to, {
      own,
      receipt,
      sizeBytes,
      signal,
    });
    if (confirmed instanceof Failure) throw notTriedAgain(confirmed);
    return { kind: 'done', verified: confirmed, ...noteOf(confirmed) };
  }
}
