import { Failure } from '../errors/failure.ts';
import type { Part } from '../local/part-file.ts';
import type { TransferConnection, TransferReceipt } from '../remote/data/transfer-connection.ts';
import type { Attempt, Outcome, Verified } from './attempt.ts';
import { notABeginning, OVERLAP_BYTES } from './beginning.ts';
import type { SideFacts } from './conflict.ts';
import { endedEarly } from './download-whole.ts';
import { isRestartImpossible, OtherFile, Overlap } from './overlap.ts';
import { checksumFailure, compareDigests, type OwnDigest, startOwnDigest } from './verify.ts';

/** The source, and the origin of the existing part. */
interface PartlyThere extends SideFacts {
  readonly begunBy: 'user' | 'us';
}

interface Received {
  readonly own: OwnDigest | undefined;
  readonly receipt?: TransferReceipt;
}

/** Fetches what a part lacks of its source. */
export class PartFill {
  readonly #attempt: Attempt;
  readonly #connection: TransferConnection;

  constructor(attempt: Attempt, connection: TransferConnection) {
    this.#attempt = attempt;
    this.#connection = connection;
  }

  /** Downloads what is missing, and compares. Starts again if the part proves to be of another file. */
  async run(part: Part, source: PartlyThere): Promise<Filled> {
    const offsetBytes = part.sizeBytes;
    const { job, signal, report } = this.#attempt;
    report({ type: 'begun', to: part.target, doneBytes: offsetBytes });
    const received = await this.#receiveAfterOverlap(part, source);
    if (received === 'other file') return this.#beginAnew(part, source);
    report({ type: 'checking' });
    const verified = await compareDigests(this.#connection, job.from, { ...received, signal });
    if (verified === 'different') {
      if (source.sizeBytes !== undefined && part.sizeBytes < source.sizeBytes) {
        throw endedEarly(job.from, part.sizeBytes, source.sizeBytes);
      }
      if (offsetBytes === 0) throw checksumFailure(job.from, 'What had come was removed.');
      return this.#beginAnew(part, source);
    }
    const now = await this.#checkSize(part, source, verified);
    return { kind: 'done', verified, ...now };
  }

  async #beginAnew(part: Part, source: PartlyThere): Promise<Filled> {
    await part.empty();
    if (source.begunBy === 'user') throw notABeginning(part.target);
    return this.run(part, source);
  }

  /**
   * Where the server computes no checksums, the octets before the seam are fetched once more and compared. A server
   * that cannot begin there, or does not, sends all of it.
   */
  async #receiveAfterOverlap(part: Part, source: SideFacts): Promise<Received | 'other file'> {
    const seamBytes = part.sizeBytes;
    const hasDigests = this.#connection.algorithm !== undefined;
    const overlapBytes = hasDigests ? 0 : Math.min(OVERLAP_BYTES, seamBytes);
    const startBytes = seamBytes - overlapBytes;
    try {
      return await this.#receive(part, source, startBytes);
    } catch (error) {
      const isOther = error instanceof OtherFile;
      if (!isOther && !isRestartImpossible(error)) throw error;
      if (startBytes === 0) return 'other file';
    }
    try {
      return await this.#receive(part, source, 0);
    } catch (error) {
      if (error instanceof OtherFile) return 'other file';
      throw error;
    }
  }

  /** Downloads from an offset. Existing octets after the offset are compared, the rest is added. */
  async #receive(part: Part, source: SideFacts, startBytes: number): Promise<Received> {
    const { job, signal, report } = this.#attempt;
    const seamBytes = part.sizeBytes;
    const own = startOwnDigest(this.#connection, source.sizeBytes);
    if (own !== undefined && seamBytes > 0) await part.digestSoFar(own.running, signal);
    if (seamBytes > 0 && seamBytes === source.sizeBytes && startBytes === seamBytes) return { own };
    const overlap = new Overlap(part, { startBytes, seamBytes });
    const take = (octets: Buffer) => {
      own?.running.update(octets);
      return part.append(octets);
    };
    const receipt = await this.#connection.download(job.from, {
      offsetBytes: startBytes,
      sizeBytes: source.sizeBytes,
      signal,
      wantsReceipt: own !== undefined,
      sink: (octets) => (overlap.isOver ? take(octets) : overlap.compare(octets, take)),
      onBytes: (movedBytes) => report({ type: 'moved', doneBytes: startBytes + movedBytes }),
    });
    if (!overlap.isOver) throw new OtherFile();
    return { own, receipt };
  }

  /** An equal digest settles it, whatever size the server reports. */
  async #checkSize(part: Part, source: SideFacts, verified: Verified): Promise<SizeNote> {
    const { job, report } = this.#attempt;
    const { sizeBytes, modifiedMs } = source;
    if (sizeBytes === undefined || sizeBytes === part.sizeBytes) return { modifiedMs };
    const now = await this.#connection.place.stat(job.from);
    // Of a link some servers list the size of its own.
    const isExplained =
      now?.sizeBytes === part.sizeBytes ||
      (now !== undefined && (await this.#connection.place.size(job.from)) === part.sizeBytes);
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

type Filled = Extract<Outcome, { kind: 'done' }> & SizeNote;
