import { Failure } from '../errors/failure.ts';
import type { Entry } from '../files/place.ts';
import { type Part, PartFile } from '../local/part-file.ts';
import { SMALL_FILE_BYTES, SmallPart } from '../local/small-part.ts';
import { SourceFile } from '../local/source-file.ts';
import { findWriteTarget, type WriteTarget } from '../local/write-target.ts';
import type { TransferConnection } from '../remote/data/transfer-connection.ts';
import type { Attempt, Outcome, Verified } from './attempt.ts';
import { notABeginning, remoteTail } from './beginning.ts';
import { chooseTarget, isSameSecond, type Target } from './choose-target.ts';
import type { SideFacts } from './conflict.ts';
import { PartFill } from './fill-part.ts';
import { startOwnDigest } from './verify.ts';
import { writeThrough } from './write-through.ts';

/** Fetches one file into a part beside the target, and puts it in place when it is known to be whole. */
export async function runDownload(
  attempt: Attempt,
  connection: TransferConnection,
): Promise<Outcome> {
  const { job } = attempt;
  const target = await findWriteTarget(job.to);
  if (target.kind === 'stream') return writeThrough(attempt, connection, target.path);
  return new Download({ ...attempt, job: { ...job, to: target.path } }, connection).run(target);
}

class Download {
  readonly #attempt: Attempt;
  readonly #connection: TransferConnection;

  constructor(attempt: Attempt, connection: TransferConnection) {
    this.#attempt = attempt;
    this.#connection = connection;
  }

  async run({ isFree }: Pick<WriteTarget, 'isFree'>): Promise<Outcome> {
    const { job, local, claims } = this.#attempt;
    const source = await this.#findSource();
    const existing = isFree ? undefined : await local.stat(job.to);
    const target = await chooseTarget(this.#attempt, {
      source,
      existing,
      find: (path) => local.stat(path),
    });
    if (target.kind !== 'write') return target;
    try {
      return (
        (await this.#acceptWhole(target, source, existing)) ??
        (await this.#fetch(target, source, existing))
      );
    } finally {
      claims.release(target.to);
    }
  }

  /** As it was planned; asked for again if that was an attempt ago. */
  async #findSource(): Promise<SideFacts> {
    const { job, report } = this.#attempt;
    const { place } = this.#connection;
    const isPlanned = job.sizeBytes !== undefined && job.tries === 0 && !job.isBegun;
    const entry = isPlanned ? { ...job, kind: 'file' } : await place.follow(job.from);
    if (entry === undefined) throw new Failure('missing', `${job.from}: no longer exists.`);
    if (entry.kind === 'directory') throw new Failure('exists', `${job.from}: is a directory.`);
    const { sizeBytes } = entry;
    // A listing may lack times that the server reports on request.
    const modifiedMs = entry.modifiedMs ?? (await place.modified(job.from));
    if (sizeBytes !== job.sizeBytes || modifiedMs !== job.modifiedMs) {
      report({ type: 'sized', sizeBytes, modifiedMs });
    }
    return { sizeBytes, modifiedMs };
  }

  /** A target with all octets needs none, if they are the same. */
  async #acceptWhole(
    target: Target,
    source: SideFacts,
    existing: Entry | undefined,
  ): Promise<Outcome | undefined> {
    if (!target.isWhole || existing === undefined) return undefined;
    const isSameTime = isSameSecond(source.modifiedMs, existing.modifiedMs);
    // Only a time that we have set shows that an earlier attempt had completed.
    if (!target.mayResume && !isSameTime) return undefined;
    const { local, signal, report } = this.#attempt;
    report({ type: 'checking' });
    const own = startOwnDigest(this.#connection);
    if (own === undefined && target.mayResume) return this.#compareEnds(target.to, existing);
    if (own === undefined) return isSameTime ? alreadyThere('unavailable') : undefined;
    const ours = await local.digest(target.to, own.algorithm, signal);
    const theirs = await this.#connection.place.digest(
      this.#attempt.job.from,
      own.algorithm,
      signal,
    );
    if (theirs === undefined) return isSameTime ? alreadyThere('unavailable') : undefined;
    if (theirs === ours) return alreadyThere({ algorithm: own.algorithm, hex: theirs });
    if (target.mayResume) throw notABeginning(target.to);
    return undefined;
  }

  /** Of two files of one size. @throws Failure if they differ. */
  async #compareEnds(path: string, { sizeBytes = 0 }: Entry): Promise<Outcome | undefined> {
    const { job, signal } = this.#attempt;
    const tail = await remoteTail(this.#connection, job.from, { sizeBytes, signal });
    if (tail === undefined) return undefined;
    const { octets } = tail;
    const file = SourceFile.open(path, 'refuse');
    try {
      const ours = await file.octetsAt({
        offsetBytes: sizeBytes - octets.length,
        lengthBytes: octets.length,
      });
      if (tail.sizeBytes === sizeBytes && ours.equals(octets)) return alreadyThere('unavailable');
    } finally {
      await file.close();
    }
    throw notABeginning(path);
  }

  async #fetch(target: Target, source: SideFacts, existing: Entry | undefined): Promise<Outcome> {
    const { job } = this.#attempt;
    const part = await this.#openPart(target, source, existing);
    let isSettled = false;
    try {
      const isUsers = job.policy === 'resume' && existing?.kind === 'file';
      const fill = new PartFill(this.#attempt, this.#connection);
      const outcome = await fill.run(part, { ...source, begunBy: isUsers ? 'user' : 'us' });
      await part.publish({ modifiedMs: outcome.modifiedMs, mode: existing?.mode });
      isSettled = true;
      return outcome;
    } catch (error) {
      isSettled = (error as Partial<Failure>).kind === 'checksum' || part.sizeBytes === 0;
      if (isSettled) await this.#remove(part);
      throw error;
    } finally {
      if (!isSettled) await this.#keep(part, source);
      await part.close();
    }
  }

  /** Octets that came but were not written are lost, so the job shows those in the part. */
  async #keep(part: Part, source: SideFacts): Promise<void> {
    await part.keep(source);
    this.#attempt.report({ type: 'moved', doneBytes: part.sizeBytes });
  }

  async #remove(part: Part): Promise<void> {
    await part.remove();
    this.#attempt.report({ type: 'moved', doneBytes: 0 });
  }

  async #openPart(target: Target, source: SideFacts, existing: Entry | undefined): Promise<Part> {
    const { job } = this.#attempt;
    const { sizeBytes, modifiedMs } = source;
    const isSameSource = sizeBytes === job.sizeBytes && modifiedMs === job.modifiedMs;
    if (target.mayResume && existing?.kind === 'file') return this.#copyBeginning(existing, source);
    if (!job.isBegun && (sizeBytes ?? Infinity) <= SMALL_FILE_BYTES) {
      return new SmallPart(target.to);
    }
    if (!job.isBegun) return PartFile.open(target.to, { ...source, trust: 'stamped' });
    return PartFile.open(target.to, { ...source, trust: isSameSource ? 'known' : 'none' });
  }

  /** The user's file stays as it is until the whole has come. A longer part of an earlier attempt is of more use. */
  async #copyBeginning(existing: Entry, source: SideFacts): Promise<Part> {
    const { to } = this.#attempt.job;
    const part = await PartFile.open(to, { ...source, trust: 'stamped' });
    if (part.sizeBytes > (existing.sizeBytes ?? 0)) return part;
    try {
      await part.copyFrom(to);
      return part;
    } catch (error) {
      await part.remove();
      await part.close();
      throw error;
    }
  }
}

function alreadyThere(verified: Verified): Outcome {
  return { kind: 'done', verified, note: 'It was there already.' };
}
