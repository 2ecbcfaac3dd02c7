import type { Algorithm } from '../../files/digest.ts';
import type { Place } from '../../files/place.ts';

/** Takes the octets of a download; the next are not given before the last are taken. */
export type OctetSink = (octets: Buffer) => Promise<void> | undefined;

/** Gives the octets of an upload. */
export type OctetSource = AsyncIterable<Buffer>;

interface TransferOptions {
  /** Whether a server that can is to tell the digest of the file when all of it has passed. */
  readonly wantsReceipt?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Most octets to gather before they are passed on, so that a limited transfer has no bursts. */
  readonly pieceBytes?: (() => number | undefined) | undefined;
  /** Octets moved by this transfer so far, those before the offset not counted. */
  readonly onBytes?: ((movedBytes: number) => void) | undefined;
  /** Time after which a silent server has failed; 45 s if left out. */
  readonly stallMs?: number | undefined;
}

export interface DownloadOptions extends TransferOptions {
  /** REST before RETR. */
  readonly offsetBytes?: number;
  /** Of the whole file, as far as it is known. */
  readonly sizeBytes?: number | undefined;
  readonly sink: OctetSink;
}

export interface UploadOptions extends TransferOptions {
  /** REST before STOR; APPE where the server has no REST STREAM and its file has just this size. */
  readonly offsetBytes?: number;
  /** Of the whole file, said by ALLO where the server wants it. */
  readonly sizeBytes?: number | undefined;
  /** SHA-256 of the whole file, if it is known beforehand: said by SITE EXPECT where the server has it. */
  readonly sha256Hex?: string | undefined;
  /** When the source was last changed: for servers that set the time of a file as they put it in place. */
  readonly modifiedMs?: number | undefined;
  readonly source: OctetSource;
}

/** What a server says of an upload or download that ended well. */
export interface TransferReceipt {
  /** The text of the final reply. */
  readonly message: string;
  /** From MyFTP's receipt line, where the server gives one. */
  readonly sha256Hex?: string | undefined;
  /** Of an upload, as the server tells it after the transfer; undefined if it was not asked. */
  readonly sizeBytes?: number | undefined;
  /** Whether the server has set the modification time of an upload. */
  readonly hasTime?: boolean;
}

/** A logged-in connection that moves one file at a time. Every failure is a `Failure` or the signal's reason. */
export interface TransferConnection {
  /** Of the server, for failures where two servers take part. */
  readonly name?: string;
  readonly place: Place;
  /** The best digest that the server computes; undefined if it has none. */
  readonly algorithm: Algorithm | undefined;
  download(path: string, options: DownloadOptions): Promise<TransferReceipt>;
  upload(path: string, options: UploadOptions): Promise<TransferReceipt>;
}

/** Connections for transfers to one site, opened when wanted, kept for a while. */
export interface TransferConnections {
  /** How many may be in use; fewer after the server refused one (421, 530). */
  readonly limit: number;
  /** Runs a task on a connection of its own. Waits if as many as are allowed are in use. */
  use<Result>(
    task: (connection: TransferConnection) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result>;
  close(): Promise<void>;
}
