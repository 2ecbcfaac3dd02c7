import { dirname } from 'node:path';
import { Failure } from '../failure.ts';
import { isSendableName } from '../local/disk-name.ts';
import { SourceFile } from '../local/source-file.ts';
import { mayBeStream, StreamSource } from '../local/stream-source.ts';
import type { Entry } from '../place.ts';
import { isFailure, isRestartRefused } from '../remote/remote-failure.ts';
import type { TransferConnection, TransferReceipt } from '../remote/transfer-connection.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { type Beginning, notABeginning, remoteTail } from './beginning.ts';
import { chooseTarget, type Target } from './choose-target.ts';
import { unsendableName } from './unsendable-name.ts';
import { uploadStream } from './upload-stream.ts';
import { compareDigests, confirmUpload, type OwnDigest, startOwnDigest } from './verify.ts';

/** Sends one file, and looks whether the server has the same. */
export async function runUpload(
  attempt: Attempt,
  connection: TransferConnection,
): Promise<Outcome> {
  const { job } = attempt;
  if (!isSendableName(job.to)) throw unsendableName(job.from);
  const links = job.parent === undefined ? 'follow' : 'refuse';
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
      const offsetBytes = this.#offsetFor(target, { existing, isSameSource });
      return await this.#send(target, await this.#checkedOffset(target, offsetBytes, existing));
    } finally {
      claims.release(target.to);
    }
  }

  /** What is to be overwritten anyway costs no question. */
  async #findExisting(): Promise<Entry | undefined> {
    const { job, remoteTargets } = this.#attempt;
    const { place } = this.#connection;
    if (job.isBegun) return remoteTargets.findAnew(job.to, place);
    if (job.policy === 'overwrite') return remoteTargets.recall(job.to);
    const existing = await remoteTargets.find(job.to, place);
    const lacksTime = existing !== undefined && existing.modifiedMs === undefined;
    if (job.policy !== 'newer' || !lacksTime) return existing;
    return { ...existing, modifiedMs: await place.modified(job.to) };
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

  /** The offset, if what the server has before it is a beginning of the source; else 0. */
  async #checkedOffset(
    target: Target,
    offsetBytes: number,
    existing: Entry | undefined,
  ): Promise<number> {
    if (offsetBytes === 0) return 0;
    const { to } = target;
    const begunBy = target.mayResume && existing?.isPartial !== true ? 'user' : 'us';
    const beginning = await this.#lookAtBeginning(to, offsetBytes, begunBy);
    if (beginning === 'yes') return offsetBytes;
    if (beginning === 'no' && begunBy === 'user') throw notABeginning(to);
    if (beginning === 'no') return 0;
    if (!target.mayResume) return offsetBytes;
    const writtenMs = existing?.modifiedMs ?? (await this.#connection.place.modified(to));
    return (writtenMs ?? 0) >= this.#file.facts.modifiedMs ? offsetBytes : 0;
  }

  /** By the server's checksum of what it has, else by its last octets. */
  async #lookAtBeginning(
    path: string,
    lengthBytes: number,
    begunBy: 'user' | 'us',
  ): Promise<Beginning> {
    const { signal } = this.#attempt;
    const own = startOwnDigest(this.#connection);
    // The whole is compared when it has been sent, and sent anew if it differs.
    if (own !== undefined && begunBy === 'us') return 'yes';
    if (own !== undefined) {
      await this.#file.digestBefore(lengthBytes, own.running, signal);
      const compared = await compareDigests(this.#connection, path, { own, signal });
      if (compared !== 'unavailable') return compared === 'different' ? 'no' : 'yes';
    }
    const tail = await remoteTail(this.#connection, path, { sizeBytes: lengthBytes, signal });
    if (tail === undefined) return 'unknown';
    if (tail.sizeBytes !== lengthBytes) return 'no';
    const { octets } = tail;
    const ours = await this.#file.octetsAt(lengthBytes - octets.length, octets.length);
    return ours.equals(octets) ? 'yes' : 'no';
  }

  async #send(target: Target, offsetBytes: number): Promise<Outcome> {
    const { signal, report } = this.#attempt;
    report({ type: 'begun', to: target.to, doneBytes: offsetBytes });
    let sent: Sent;
    try {
      sent = await this.#sendWithParents(target, offsetBytes);
    } catch (error) {
      // The server does not continue what an earlier attempt has begun.
      const isRefused = isFailure(error) && isRestartRefused(error);
      if (offsetBytes === 0 || target.mayResume || !isRefused) throw error;
      return this.#send(target, 0);
    }
    report({ type: 'checking' });
    const confirmed = await confirmUpload(this.#connection, target.to, {
      ...sent,
      sizeBytes: this.#file.facts.sizeBytes,
      signal,
    });
    if (!(confirmed instanceof Failure)) {
      await this.#finish(target.to);
      return { kind: 'done', verified: confirmed };
    }
    // What was there may have been of another file, or the server has ignored REST.
    if (offsetBytes > 0) return this.#send({ ...target, isWhole: false }, 0);
    throw confirmed;
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
    const own = startOwnDigest(this.#connection, sizeBytes);
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
