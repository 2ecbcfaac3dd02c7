import { type FileHandle, open, stat, truncate } from 'node:fs/promises';
import { Failure } from '../../errors/failure.ts';
import type { Algorithm } from '../../files/digest.ts';
import type { Entry, Place, RemoveOptions } from '../../files/place.ts';
import { LocalPlace } from '../../local/local-place.ts';
import type {
  DownloadOptions,
  TransferConnection,
  TransferConnections,
  TransferReceipt,
  UploadOptions,
} from '../../remote/data/transfer-connection.ts';

const CHUNK_BYTES = 16 * 1024;

/** What a test wants to go wrong. */
interface Faults {
  /** Octets of a transfer after which the connection is lost; once for each element. */
  cutAfterBytes: number[];
  /** The last octet has come, and the connection is lost before the server says so. */
  loseConfirmations: number;
  /** No connection is made. */
  refuse: Failure | undefined;
  /** As with a full quota: octets in all after which uploads end. */
  roomBytes: number;
  /** Digests are of something else. */
  wrongDigests: number;
  /** Number by which sizes in lists, stats and SIZE are too large. */
  lieBytes: number;
  /** Octets after which downloads end well. */
  shortBytes: number;
}

/** A directory that plays the server: its octets move, and it counts what it is asked. */
export class DirectoryServer implements TransferConnections {
  readonly root: string;
  readonly place: Place;
  readonly faults: Faults = {
    cutAfterBytes: [],
    loseConfirmations: 0,
    refuse: undefined,
    roomBytes: Number.POSITIVE_INFINITY,
    wrongDigests: 0,
    lieBytes: 0,
    shortBytes: Number.POSITIVE_INFINITY,
  };
  /** What was asked, as `STOR /a`. */
  readonly log: string[] = [];
  limit = 10;
  algorithm: Algorithm | undefined = 'SHA-256';
  /** Called before a transfer moves anything. */
  onTransfer: (path: string) => Promise<void> | void = () => {};

  constructor(root: string) {
    this.root = root;
    this.place = new DirectoryPlace(this);
  }

  async use<Result>(task: (connection: TransferConnection) => Promise<Result>): Promise<Result> {
    if (this.faults.refuse !== undefined) throw this.faults.refuse;
    return task({
      place: this.place,
      algorithm: this.algorithm,
      download: (path, options) => this.#download(path, options),
      upload: (path, options) => this.#upload(path, options),
    });
  }

  async close(): Promise<void> {}

  note(line: string): void {
    this.log.push(line);
  }

  count(verb: string): number {
    return this.log.filter((line) => line.startsWith(verb)).length;
  }

  async #download(path: string, options: DownloadOptions): Promise<TransferReceipt> {
    const { offsetBytes = 0, sink, onBytes, signal } = options;
    this.note(`RETR ${path} ${offsetBytes}`);
    await this.onTransfer(path);
    const file = await this.#open(path, 'r');
    const cutBytes = this.faults.cutAfterBytes.shift() ?? Number.POSITIVE_INFINITY;
    try {
      let moved = 0;
      for (;;) {
        signal?.throwIfAborted();
        const lengthBytes = Math.min(CHUNK_BYTES, cutBytes - moved, this.faults.shortBytes - moved);
        if (cutBytes === moved) throw lost();
        const octets = Buffer.alloc(Math.max(0, lengthBytes));
        const { bytesRead } = await file.read(octets, 0, octets.length, offsetBytes + moved);
        if (bytesRead === 0) break;
        await sink(octets.subarray(0, bytesRead));
        moved += bytesRead;
        onBytes?.(moved);
      }
    } finally {
      await file.close();
    }
    if (this.faults.loseConfirmations-- > 0) throw lost();
    return { message: 'Transfer complete.' };
  }

  async #upload(path: string, options: UploadOptions): Promise<TransferReceipt> {
    const { offsetBytes = 0, source, onBytes, signal } = options;
    this.note(`STOR ${path} ${offsetBytes}`);
    await this.onTransfer(path);
    if (offsetBytes > 0) await truncate(this.diskPath(path), offsetBytes);
    const file = await this.#open(path, offsetBytes > 0 ? 'r+' : 'w');
    const cutBytes = this.faults.cutAfterBytes.shift() ?? Number.POSITIVE_INFINITY;
    try {
      let moved = 0;
      for await (const octets of source) {
        signal?.throwIfAborted();
        const allowed = Math.min(octets.length, cutBytes - moved, this.faults.roomBytes);
        await file.write(octets, 0, allowed, offsetBytes + moved);
        moved += allowed;
        this.faults.roomBytes -= allowed;
        onBytes?.(moved);
        if (allowed === octets.length) continue;
        if (this.faults.roomBytes === 0) {
          throw new Failure('space', '552 Quota exceeded.', { code: 552 });
        }
        throw lost();
      }
    } finally {
      await file.close();
    }
    if (this.faults.loseConfirmations-- > 0) throw lost();
    return { message: 'Transfer complete.' };
  }

  diskPath(path: string): string {
    return `${this.root}${path}`;
  }

  async #open(path: string, flags: string): Promise<FileHandle> {
    try {
      return await open(this.diskPath(path), flags);
    } catch {
      const exists = await stat(this.diskPath(path)).catch(() => undefined);
      const kind = exists === undefined ? 'missing' : 'denied';
      throw new Failure(kind, `550 ${path}: not available.`, { code: 550 });
    }
  }
}

function lost(): Failure {
  return new Failure('network', 'The connection was lost.', { isTransient: true });
}

class DirectoryPlace implements Place {
  readonly kind = 'remote';
  readonly #server: DirectoryServer;
  readonly #local = new LocalPlace();

  constructor(server: DirectoryServer) {
    this.#server = server;
  }

  async *list(path: string, signal?: AbortSignal): AsyncGenerator<readonly Entry[]> {
    this.#server.note(`MLSD ${path}`);
    for await (const entries of this.#local.list(this.#server.diskPath(path), signal)) {
      yield entries.map((entry) => this.#told(entry));
    }
  }

  async stat(path: string): Promise<Entry | undefined> {
    this.#server.note(`MLST ${path}`);
    const entry = await this.#local.stat(this.#server.diskPath(path));
    return entry === undefined ? undefined : this.#told(entry);
  }

  async follow(path: string): Promise<Entry | undefined> {
    this.#server.note(`MLST ${path}`);
    const entry = await this.#local.follow(this.#server.diskPath(path));
    return entry === undefined ? undefined : this.#told(entry);
  }

  identity(path: string): Promise<string | undefined> {
    return this.#local.identity(this.#server.diskPath(path));
  }

  makeDirectory(path: string): Promise<'made' | 'existed'> {
    this.#server.note(`MKD ${path}`);
    return this.#local.makeDirectory(this.#server.diskPath(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#local.rename(this.#server.diskPath(from), this.#server.diskPath(to));
  }

  remove(path: string, options?: RemoveOptions): Promise<void> {
    this.#server.note(`DELE ${path}`);
    return this.#local.remove(this.#server.diskPath(path), options);
  }

  async digest(
    path: string,
    algorithm: Algorithm,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    this.#server.note(`HASH ${path}`);
    if (this.#server.faults.wrongDigests-- > 0) return 'ff'.repeat(32);
    return this.#local.digest(this.#server.diskPath(path), algorithm, signal);
  }

  async size(path: string): Promise<number | undefined> {
    return (await this.stat(path))?.sizeBytes;
  }

  async modified(path: string): Promise<number | undefined> {
    return (await this.stat(path))?.modifiedMs;
  }

  setModified(path: string, modifiedMs: number): Promise<boolean> {
    this.#server.note(`MFMT ${path}`);
    return this.#local.setModified(this.#server.diskPath(path), modifiedMs);
  }

  setMode(path: string, mode: number): Promise<boolean> {
    return this.#local.setMode(this.#server.diskPath(path), mode);
  }

  /** Servers tell whole seconds. */
  #told(entry: Entry): Entry {
    const { sizeBytes, modifiedMs } = entry;
    return {
      ...entry,
      sizeBytes: sizeBytes === undefined ? undefined : sizeBytes + this.#server.faults.lieBytes,
      modifiedMs: modifiedMs === undefined ? undefined : Math.floor(modifiedMs / 1000) * 1000,
    };
  }
}
