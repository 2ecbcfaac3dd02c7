import { Failure } from '../failure.ts';
import { type Part, PartFile } from '../local/part-file.ts';
import { SMALL_FILE_BYTES, SmallPart } from '../local/small-part.ts';
import type { Entry } from '../place.ts';
import type { TransferConnection, TransferReceipt } from '../remote/transfer-connection.ts';
import type { Attempt, Outcome, Verified } from './attempt.ts';
import { chooseTarget, isSameSecond, type Target } from './choose-target.ts';
import type { SideFacts } from './conflict.ts';
import { checksumFailure, compareDigests, type OwnDigest, startOwnDigest } from './verify.ts';

/** Fetches one file into a part beside the target, and puts it in place when it is known to be whole. */
export async function runDownload(
  attempt: Attempt,
  connection: TransferConnection,
): Promise<Outcome> {
  return new Download(attempt, connection).run();
}

interface Received {
  readonly own: OwnDigest | undefined;
  readonly receipt?: TransferReceipt;
}

class Download {
  readonly #attempt: Attempt;
  readonly #connection: TransferConnection;

  constructor(attempt: Attempt, connection: TransferConnection) {
    this.#attempt = attempt;
    this.#connection = connection;
  }

  async run(): Promise<Outcome> {
    const { job, local, claims } = this.#attempt;
    const source = await this.#findSource();
    const existing = await local.stat(job.to);
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
    if (job.sizeBytes !== undefined && job.tries === 0 && !job.isBegun) return job;
    const entry = await this.#connection.place.stat(job.from);
    if (entry === undefined) throw new Failure('missing', `${job.from}: is not there any more.`);
    if (entry.kind === 'directory') throw new Failure('exists', `${job.from}: is a directory.`);
    const { sizeBytes, modifiedMs } = entry;
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
    // Only a time that we have set tells that an attempt before this one had come to its end.
    if (!target.mayResume && !isSameTime) return undefined;
    const { local, signal, report } = this.#attempt;
    report({ type: 'checking' });
    const own = startOwnDigest(this.#connection);
    if (own === undefined) return isSameTime ? alreadyThere('unavailable') : undefined;
    const ours = await local.digest(target.to, own.algorithm, signal);
    const theirs = await this.#connection.place.digest(
      this.#attempt.job.from,
      own.algorithm,
      signal,
    );
    if (theirs === undefined) return isSameTime ? alreadyThere('unavailable') : undefined;
    if (theirs !== ours) return undefined;
    return alreadyThere({ algorithm: own.algorithm, hex: theirs });
  }

  async #fetch(target: Target, source: SideFacts, existing: Entry | undefined): Promise<Outcome> {
    const part = await this.#openPart(target, source, existing);
    let isSettled = false;
    try {
      const outcome = await this.#fill(part, source);
      await part.publish({ modifiedMs: outcome.modifiedMs, mode: existing?.mode });
      isSettled = true;
      return outcome;
    } catch (error) {
      isSettled = (error as Partial<Failure>).kind === 'checksum' || part.sizeBytes === 0;
      if (isSettled) await part.remove();
      throw error;
    } finally {
      if (!isSettled) await part.keep(source);
      await part.close();
    }
  }

  async #openPart(target: Target, source: SideFacts, existing: Entry | undefined): Promise<Part> {
    const { job } = this.#attempt;
    const { sizeBytes, modifiedMs } = source;
    const isSameSource = sizeBytes === job.sizeBytes && modifiedMs === job.modifiedMs;
    if (target.mayResume && existing?.kind === 'file' && !target.isWhole) {
      return PartFile.takeOver(target.to);
    }
    if (target.mayResume) return PartFile.open(target.to, { ...source, trust: 'any' });
    if (!job.isBegun && (sizeBytes ?? Infinity) <= SMALL_FILE_BYTES) {
      return new SmallPart(target.to);
    }
    if (!job.isBegun) return PartFile.open(target.to, { ...source, trust: 'stamped' });
    return PartFile.open(target.to, { ...source, trust: isSameSource ? 'known' : 'none' });
  }

  /** Fetches what is missing, and compares. Begins anew if what was there proves to be of another file. */
  async #fill(part: Part, source: SideFacts): Promise<Filled> {
    const offsetBytes = part.sizeBytes;
    const { job, signal, report } = this.#attempt;
    report({ type: 'begun', to: part.target, doneBytes: offsetBytes });
    const received = await this.#receive(part, source);
    report({ type: 'checking' });
    const verified = await compareDigests(this.#connection, job.from, { ...received, signal });
    if (verified === 'different') {
      if (source.sizeBytes !== undefined && part.sizeBytes < source.sizeBytes) {
        throw endedEarly(job.from, part.sizeBytes, source.sizeBytes);
      }
      if (offsetBytes === 0) throw checksumFailure(job.from, 'What had come was removed.');
      await part.empty();
      return this.#fill(part, source);
    }
    const now = await this.#checkSize(part, source, verified);
    return { kind: 'done', verified, ...now };
  }

  async #receive(part: Part, source: SideFacts): Promise<Received> {
    const { job, signal, report } = this.#attempt;
    const offsetBytes = part.sizeBytes;
    const own = startOwnDigest(this.#connection);
    if (own !== undefined && offsetBytes > 0) await part.digestSoFar(own.running, signal);
    if (offsetBytes > 0 && offsetBytes === source.sizeBytes) return { own };
    const receipt = await this.#connection.download(job.from, {
      offsetBytes,
      sizeBytes: source.sizeBytes,
      signal,
      wantsReceipt: own !== undefined,
      sink: (octets) => {
        own?.running.update(octets);
        return part.append(octets);
      },
      onBytes: (movedBytes) => report({ type: 'moved', doneBytes: offsetBytes + movedBytes }),
    });
    return { own, receipt };
  }

  /** A digest that is equal settles it, whatever size the server tells. */
  async #checkSize(part: Part, source: SideFacts, verified: Verified): Promise<SizeNote> {
    const { job, report } = this.#attempt;
    const { sizeBytes, modifiedMs } = source;
    if (sizeBytes === undefined || sizeBytes === part.sizeBytes) return { modifiedMs };
    const now = await this.#connection.place.stat(job.from);
    const isExplained = now?.sizeBytes === part.sizeBytes;
    if (verified === 'unavailable' && !isExplained) {
      throw new Failure(
        'protocol',
        `${job.from}: the server says it has ${sizeBytes} bytes, and sent ${part.sizeBytes}.`,
      );
    }
    report({ type: 'sized', sizeBytes: part.sizeBytes, modifiedMs: now?.modifiedMs });
    const note = isExplained
      ? 'It changed on the server while it was fetched.'
      : `The server says it has ${sizeBytes} bytes.`;
    return { modifiedMs: now?.modifiedMs, note };
  }
}

interface SizeNote {
  readonly modifiedMs: number | undefined;
  readonly note?: string;
}

/** Whatever the server says, it is not the server's file that is wrong: what has come is carried on from. */
function endedEarly(path: string, movedBytes: number, sizeBytes: number): Failure {
  return new Failure(
    'network',
    `${path}: the data connection ended after ${movedBytes} of ${sizeBytes} bytes.`,
    { isTransient: true },
  );
}

type Filled = Extract<Outcome, { kind: 'done' }> & SizeNote;

function alreadyThere(verified: Verified): Outcome {
  return { kind: 'done', verified, note: 'It was there already.' };
}
