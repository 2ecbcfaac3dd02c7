import { Failure } from '../errors/failure.ts';
import type { RunningDigest } from '../files/digest.ts';
import type {
  OctetSource,
  TransferConnection,
  TransferReceipt,
} from '../remote/data/transfer-connection.ts';
import type { Attempt } from './attempt.ts';
import { endedEarly } from './download-whole.ts';
import { nameFailure } from './named-side.ts';
import { OctetPipe } from './octet-pipe.ts';
import type { UploadSource } from './upload-source.ts';
import { compareDigests, type OwnDigest, startOwnDigest } from './verify.ts';

interface Part {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** A file of another server. Its octets pass through memory, a few buffers at a time. */
export class RemoteSource implements UploadSource {
  readonly facts: UploadSource['facts'];
  readonly #path: string;
  readonly #connection: TransferConnection;
  readonly #signal: AbortSignal;
  /** Of all that has been read from the first octet on; undefined if something was left out. */
  #own: OwnDigest | undefined;
  #receipt: TransferReceipt | undefined;

  private constructor(
    { job, signal }: Attempt,
    connection: TransferConnection,
    facts: UploadSource['facts'],
  ) {
    this.#path = job.from;
    this.#connection = connection;
    this.#signal = signal;
    this.facts = facts;
  }

  /** As it was planned; asked for again if that was an attempt ago. */
  static async open(attempt: Attempt, connection: TransferConnection): Promise<RemoteSource> {
    const { job } = attempt;
    const { place } = connection;
    const isPlanned = job.sizeBytes !== undefined && job.tries === 0 && !job.isBegun;
    const entry = isPlanned ? job : await place.follow(job.from);
    if (entry === undefined) throw new Failure('missing', `${job.from}: no longer exists.`);
    const sizeBytes = entry.sizeBytes ?? (await place.size(job.from));
    if (sizeBytes === undefined) {
      throw new Failure('protocol', `${job.from}: the server does not tell its size.`);
    }
    const modifiedMs = entry.modifiedMs ?? (await place.modified(job.from));
    return new RemoteSource(attempt, connection, { sizeBytes, modifiedMs });
  }

  async digestBefore(offsetBytes: number, digest: RunningDigest): Promise<void> {
    if (offsetBytes === 0) return;
    const part = { offsetBytes: 0, lengthBytes: offsetBytes };
    await this.#readPart(part, (octets) => digest.update(octets));
  }

  async octetsAt(part: Part): Promise<Buffer> {
    const chunks: Buffer[] = [];
    await this.#readPart(part, (octets) => chunks.push(Buffer.from(octets)));
    return Buffer.concat(chunks);
  }

  async *read(offsetBytes: number, onRead: (octets: Buffer) => void): OctetSource {
    const pipe = new OctetPipe();
    const left = new AbortController();
    this.#own = offsetBytes === 0 ? startOwnDigest(this.#connection) : undefined;
    const running = this.#download(offsetBytes, pipe, AbortSignal.any([this.#signal, left.signal]));
    let readBytes = offsetBytes;
    try {
      for (let octets = await pipe.take(); octets !== undefined; octets = await pipe.take()) {
        readBytes += octets.length;
        if (readBytes > this.facts.sizeBytes) throw this.#changed('grew');
        this.#own?.running.update(octets);
        onRead(octets);
        yield octets;
      }
      if (readBytes < this.facts.sizeBytes) {
        throw this.#named(endedEarly(this.#path, readBytes, this.facts.sizeBytes));
      }
    } finally {
      left.abort(new Failure('local', 'The upload has ended.'));
      pipe.leave();
      await running;
    }
  }

  /** By the digest of the server that has it, if that computes one. */
  async checkUnchanged(signal: AbortSignal): Promise<void> {
    if (this.#own === undefined) return;
    const compared = await compareDigests(this.#connection, this.#path, {
      own: this.#own,
      receipt: this.#receipt,
      signal,
    });
    if (compared === 'different') throw this.#changed('was changed');
  }

  async #download(offsetBytes: number, pipe: OctetPipe, signal: AbortSignal): Promise<void> {
    try {
      this.#receipt = await this.#connection.download(this.#path, {
        offsetBytes,
        sizeBytes: this.facts.sizeBytes,
        signal,
        wantsReceipt: this.#own !== undefined,
        sink: (octets) => pipe.give(octets),
      });
      pipe.end();
    } catch (error) {
      pipe.fail(error);
    }
  }

  async #readPart(
    { offsetBytes, lengthBytes }: Part,
    onOctets: (octets: Buffer) => void,
  ): Promise<void> {
    let missingBytes = lengthBytes;
    const enough = new AbortController();
    const signal = AbortSignal.any([this.#signal, enough.signal]);
    const sink = (octets: Buffer): undefined => {
      if (missingBytes > 0) onOctets(octets.subarray(0, missingBytes));
      missingBytes -= octets.length;
      if (missingBytes <= 0 && offsetBytes + lengthBytes < this.facts.sizeBytes) enough.abort();
    };
    try {
      await this.#connection.download(this.#path, { offsetBytes, signal, sink });
    } catch (error) {
      if (!enough.signal.aborted || this.#signal.aborted) throw error;
    }
  }

  #changed(how: string): Failure {
    const message = `${this.#path} ${how} while it was copied; the copy may be a mixture.`;
    return this.#named(new Failure('exists', message));
  }

  #named(failure: Failure): Failure {
    nameFailure(this.#connection.name, failure);
    return failure;
  }
}
