import { setTimeout as delay } from 'node:timers/promises';
import type {
  DownloadOptions,
  OctetSource,
  TransferConnection,
  TransferConnections,
  UploadOptions,
} from '../remote/transfer-connection.ts';

/** Pieces of an upload that are small enough to keep a steady pace. */
const PIECES_PER_SECOND = 8;
const SMALLEST_PIECE_BYTES = 1024;

/** So many octets a second for all who take them together. */
class Pace {
  readonly #bytesPerSecond: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  get pieceBytes(): number {
    return Math.max(SMALLEST_PIECE_BYTES, Math.ceil(this.#bytesPerSecond / PIECES_PER_SECOND));
  }

  /** Resolves when so many more may have passed. */
  async pass(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (bytes / this.#bytesPerSecond) * 1000;
    await delay(this.#freeAtMs - nowMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** The same connections, whose transfers together move no more than so many octets a second. */
export function limitRate(
  connections: TransferConnections,
  bytesPerSecond: number,
): TransferConnections {
  const pace = new Pace(bytesPerSecond);
  return wrapConnections(connections, (connection) => ({
    place: connection.place,
    algorithm: connection.algorithm,
    download: (path, options) => connection.download(path, slowDownload(options, pace)),
    upload: (path, options) => connection.upload(path, slowUpload(options, pace)),
  }));
}

/** The same connections, which compute no checksums. */
export function withoutChecksums(connections: TransferConnections): TransferConnections {
  return wrapConnections(connections, (connection) => ({
    place: connection.place,
    algorithm: undefined,
    download: (path, options) => connection.download(path, options),
    upload: (path, options) => connection.upload(path, options),
  }));
}

function wrapConnections(
  connections: TransferConnections,
  wrap: (connection: TransferConnection) => TransferConnection,
): TransferConnections {
  return {
    get limit() {
      return connections.limit;
    },
    use: (task, signal) => connections.use((connection) => task(wrap(connection)), signal),
    close: () => connections.close(),
  };
}

function slowDownload(options: DownloadOptions, pace: Pace): DownloadOptions {
  const { sink, signal } = options;
  return {
    ...options,
    sink: async (octets) => {
      await sink(octets);
      await pace.pass(octets.length, signal);
    },
  };
}

function slowUpload(options: UploadOptions, pace: Pace): UploadOptions {
  return { ...options, source: slowly(options.source, pace, options.signal) };
}

async function* slowly(
  source: OctetSource,
  pace: Pace,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for await (const octets of source) {
    for (let at = 0; at < octets.length; at += pace.pieceBytes) {
      const piece = octets.subarray(at, at + pace.pieceBytes);
      await pace.pass(piece.length, signal);
      yield piece;
    }
  }
}
