import { Failure } from '../errors/failure.ts';
import type { Entry } from '../files/place.ts';
import type { TransferConnection, TransferReceipt } from '../remote/data/transfer-connection.ts';
import { isFailure, isRestartRefused } from '../remote/remote-failure.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { type Beginning, notABeginning, remoteTail } from './beginning.ts';
import { chooseTarget, type Target } from './choose-target.ts';
import { findTarget } from './find-target.ts';
import type { ConflictPolicy } from './queue/job.ts';
import { timeOrder } from './time-order.ts';
import type { UploadSource } from './upload-source.ts';
import { compareDigests, confirmUpload, noteOf, type OwnDigest, startOwnDigest } from './verify.ts';
import { withParents } from './with-parents.ts';

interface Sent {
  readonly own: OwnDigest | undefined;
  readonly receipt?: TransferReceipt;
}

/** Policies whose decision shows or compares the time of the target. */
const DECIDED_BY_TIME: ReadonlySet<ConflictPolicy> = new Set<ConflictPolicy>(['newer', 'ask']);

/** Writes a source of known size to a server, or what the server does not have of it yet. */
export class Upload {
  readonly #attempt: Attempt;
  readonly #connection: TransferConnection;
  readonly #source: UploadSource;

  constructor(attempt: Attempt, connection: TransferConnection, source: UploadSource) {
    this.#attempt = attempt;
    this.#connection = connection;
    this.#source = source;
  }

  async run(): Promise<Outcome> {
    const { remoteTargets, claims } = this.#attempt;
    const { place } = this.#connection;
    const isSameSource = this.#noteSource();
    const existing = await this.#findExisting();
    const target = await chooseTarget(this.#attempt, {
      source: this.#source.facts,
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
    if (job.isBegun) {
      return findTarget(place, job.to, () => remoteTargets.findAnew(job.to, place));
    }
    if (job.policy === 'overwrite') return remoteTargets.recall(job.to);
    const existing = await findTarget(place, job.to, () => remoteTargets.find(job.to, place));
    const lacksTime = existing !== undefined && existing.modifiedMs === undefined;
    // Other decisions go by sizes, or by nothing at all.
    if (!lacksTime || !DECIDED_BY_TIME.has(job.policy)) return existing;
    // Most files differ by more than a listing leaves open.
    if (job.policy === 'newer' && timeOrder(this.#source.facts, existing, 0) !== 'unknown') {
      return existing;
    }
    return { ...existing, modifiedMs: await place.modified(job.to) };
  }

  /** Whether the source is the one that earlier attempts have read. */
  #noteSource(): boolean {
    const { job, report } = this.#attempt;
    const { sizeBytes, modifiedMs } = this.#source.facts;
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
    if (sizeBytes > this.#source.facts.sizeBytes || existing?.kind === 'directory') return 0;
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
    const { modifiedMs = Infinity } = this.#source.facts;
    return (writtenMs ?? 0) >= modifiedMs ? offsetBytes : 0;
  }

  /** By the server's checksum of what it has, else by its last octets. */
  async #lookAtBeginning(
    path: string,
    lengthBytes: number,
    begunBy: 'user' | 'us',
  ): Promise<Beginning> {
    const { signal } = this.#attempt;
    const own = startOwnDigest(this.#connection);
    // The complete file is compared after it was sent, and sent again if it differs.
    if (own !== undefined && begunBy === 'us') return 'yes';
    if (own !== undefined) {
      await this.#source.digestBefore(lengthBytes, own.running, signal);
      const compared = await compareDigests(this.#connection, path, { own, signal });
      if (compared !== 'unavailable') return compared === 'different' ? 'no' : 'yes';
    }
    const tail = await remoteTail(this.#connection, path, { sizeBytes: lengthBytes, signal });
    if (tail === undefined) return 'unknown';
    if (tail.sizeBytes !== lengthBytes) return 'no';
    const { octets } = tail;
    const part = { offsetBytes: lengthBytes - octets.length, lengthBytes: octets.length };
    const ours = await this.#source.octetsAt(part, signal);
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
      sizeBytes: this.#source.facts.sizeBytes,
      signal,
    });
    if (!(confirmed instanceof Failure)) {
      await this.#finish(target.to, sent.receipt);
      return { kind: 'done', verified: confirmed, ...noteOf(confirmed) };
    }
    // What was there may have been of another file, or the server has ignored REST.
    if (offsetBytes > 0) return this.#send({ ...target, isWhole: false }, 0);
    throw confirmed;
  }

  /** The directory may be missing where no directory was planned. */
  async #sendWithParents(target: Target, offsetBytes: number): Promise<Sent> {
    const { job } = this.#attempt;
    const send = () => this.#sendFrom(target, offsetBytes);
    if (job.parent !== undefined) return send();
    return withParents({ place: this.#connection.place, path: target.to, send });
  }

  async #sendFrom({ to, isWhole }: Target, offsetBytes: number): Promise<Sent> {
    const { signal, report } = this.#attempt;
    const { sizeBytes, modifiedMs } = this.#source.facts;
    const own = startOwnDigest(this.#connection, sizeBytes);
    if (own !== undefined) await this.#source.digestBefore(offsetBytes, own.running, signal);
    if (isWhole && offsetBytes > 0 && offsetBytes === sizeBytes) return { own };
    const receipt = await this.#connection.upload(to, {
      offsetBytes,
      sizeBytes,
      modifiedMs,
      signal,
      wantsReceipt: own !== undefined,
      source: this.#source.read(offsetBytes, (octets) => own?.running.update(octets)),
      onBytes: (movedBytes) => report({ type: 'moved', doneBytes: offsetBytes + movedBytes }),
    });
    await this.#source.checkUnchanged(signal);
    return { own, receipt };
  }

  async #finish(to: string, receipt: TransferReceipt | undefined): Promise<void> {
    const { sizeBytes, modifiedMs } = this.#source.facts;
    this.#attempt.remoteTargets.note(to, { sizeBytes, modifiedMs });
    if (modifiedMs === undefined || receipt?.hasTime === true) return;
    await this.#connection.place.setModified(to, modifiedMs);
  }
}
