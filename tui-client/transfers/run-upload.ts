import { dirname } from 'node:path';
import type { Failure } from '../failure.ts';
import { isSendableName } from '../local/disk-name.ts';
import { SourceFile } from '../local/source-file.ts';
import type { Entry } from '../place.ts';
import type { TransferConnection, TransferReceipt } from '../remote/transfer-connection.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { chooseTarget, type Target } from './choose-target.ts';
import { unsendableName } from './unsendable-name.ts';
import { checksumFailure, compareDigests, type OwnDigest, startOwnDigest } from './verify.ts';

/** Sends one file, and looks whether the server has the same. */
export async function runUpload(
  attempt: Attempt,
  connection: TransferConnection,
): Promise<Outcome> {
  const { job } = attempt;
  if (!isSendableName(job.to)) throw unsendableName(job.from);
  const file = SourceFile.open(job.from, job.parent === undefined ? 'follow' : 'refuse');
  try {
    return await new Upload(attempt, connection, file).run();
  } finally {
    await file.close();
  }
}

interface Sent {
  readonly own: OwnDigest | undefined;
  readonly receipt?: TransferReceipt;
}

class Upload {
  readonly #attempt: Attempt;
  readonly #connection: TransferConnection;
  readonly #file: SourceFile;

  constructor(attempt: Attempt, connection: TransferConnection, file: SourceFile) {
    this.#attempt = attempt;
    this.#connection = connection;
    this.#file = file;
  }

  async run(): Promise<Outcome> {
    const { remoteTargets, claims } = this.#attempt;
    const { place } = this.#connection;
    const isSameSource = this.#noteSource();
    const existing = await this.#findExisting();
    const target = await chooseTarget(this.#attempt, {
      source: this.#file.facts,
      existing,
      find: (path) => remoteTargets.find(path, place),
    });
    if (target.kind !== 'write') return target;
    try {
      return await this.#send(target, this.#offsetFor(target, { existing, isSameSource }));
    } finally {
      claims.release(target.to);
    }
  }

  /** What is to be overwritten anyway costs no question. */
  async #findExisting(): Promise<Entry | undefined> {
    const { job, remoteTargets } = this.#attempt;
    const { place } = this.#connection;
    if (job.isBegun) return remoteTargets.findAnew(job.to, place);
    return job.policy === 'overwrite'
      ? remoteTargets.recall(job.to)
      : remoteTargets.find(job.to, place);
  }

  /** Tells whether the source is the one that earlier attempts have read. */
  #noteSource(): boolean {
    const { job, report } = this.#attempt;
    const { sizeBytes, modifiedMs } = this.#file.facts;
    const isSame = job.sizeBytes === sizeBytes && job.modifiedMs === modifiedMs;
    if (!isSame) report({ type: 'sized', sizeBytes, modifiedMs });
    return isSame;
  }

  #offsetFor(
    target: Target,
    { existing, isSameSource }: { existing: Entry | undefined; isSameSource: boolean },
  ): number {
    const { job } = this.#attempt;
    const sizeBytes = existing?.sizeBytes ?? 0;
    if (sizeBytes > this.#file.facts.sizeBytes || existing?.kind === 'directory') return 0;
    if (target.mayResume) return sizeBytes;
    // A file that was there before and that no attempt has reached yet is no beginning of ours.
    const isOurs = job.doneBytes > 0 || existing?.isPartial === true;
    return job.isBegun && isSameSource && isOurs ? sizeBytes : 0;
  }

  async #send(target: Target, offsetBytes: number): Promise<Outcome> {
    const { signal, report } = this.#attempt;
    report({ type: 'begun', to: target.to, doneBytes: offsetBytes });
    const sent = await this.#sendWithParents(target, offsetBytes);
    report({ type: 'checking' });
    const verified = await compareDigests(this.#connection, target.to, { ...sent, signal });
    if (verified !== 'different') {
      await this.#finish(target.to);
      return { kind: 'done', verified };
    }
    // What was there may have been of another file.
    if (offsetBytes > 0) return this.#send({ ...target, isWhole: false }, 0);
    throw checksumFailure(target.to, 'It was left on the server for you to look at.');
  }

  /** The directory may be missing where no directory was planned. */
  async #sendWithParents(target: Target, offsetBytes: number): Promise<Sent> {
    try {
      return await this.#sendFrom(target, offsetBytes);
    } catch (error) {
      const isRoot = this.#attempt.job.parent === undefined;
      if ((error as Partial<Failure>).kind !== 'missing' || !isRoot) throw error;
      await this.#connection.place.makeDirectory(dirname(target.to));
      return this.#sendFrom(target, 0);
    }
  }

  async #sendFrom({ to, isWhole }: Target, offsetBytes: number): Promise<Sent> {
    const { signal, report } = this.#attempt;
    const { sizeBytes } = this.#file.facts;
    const own = startOwnDigest(this.#connection);
    if (own !== undefined) await this.#file.digestBefore(offsetBytes, own.running, signal);
    if (isWhole && offsetBytes > 0 && offsetBytes === sizeBytes) return { own };
    const receipt = await this.#connection.upload(to, {
      offsetBytes,
      sizeBytes,
      signal,
      wantsReceipt: own !== undefined,
      source: this.#file.read(offsetBytes, (octets) => own?.running.update(octets)),
      onBytes: (movedBytes) => report({ type: 'moved', doneBytes: offsetBytes + movedBytes }),
    });
    this.#file.checkUnchanged();
    return { own, receipt };
  }

  async #finish(to: string): Promise<void> {
    const { facts } = this.#file;
    this.#attempt.remoteTargets.note(to, facts);
    await this.#connection.place.setModified(to, facts.modifiedMs);
  }
}
