import { Failure } from '../errors/failure.ts';
import type { Algorithm, RunningDigest } from '../files/digest.ts';
import { readListing } from '../files/listing.ts';
import type { Place } from '../files/place.ts';
import { runningDigest } from '../remote/data/digests.ts';
import type { TransferConnection, TransferReceipt } from '../remote/data/transfer-connection.ts';
import type { Verified } from './attempt.ts';

/** Our digest of a file, made while its octets pass. */
export interface OwnDigest {
  readonly algorithm: Algorithm;
  readonly running: RunningDigest;
}

/**
 * By the best digest that the server has; undefined if it has none.
 *
 * @param sizeBytes of the file, as far as it is known.
 */
export function startOwnDigest(
  { algorithm }: TransferConnection,
  sizeBytes?: number,
): OwnDigest | undefined {
  if (algorithm === undefined) return undefined;
  return { algorithm, running: runningDigest(algorithm, sizeBytes) };
}

export type Comparison = Verified | 'different';

/** Compares our digest with the server's. A receipt with the digest saves the request. */
export async function compareDigests(
  connection: TransferConnection,
  path: string,
  {
    own,
    receipt,
    signal,
  }: { own: OwnDigest | undefined; receipt?: TransferReceipt | undefined; signal: AbortSignal },
): Promise<Comparison> {
  if (own === undefined) return 'unavailable';
  const { algorithm } = own;
  const theirs =
    (algorithm === 'SHA-256' ? receipt?.sha256Hex : undefined) ??
    (await serverDigest(connection, path, algorithm, signal));
  if (theirs === undefined) return 'unavailable';
  const hex = own.running.hex();
  return theirs.toLowerCase() === hex ? { algorithm, hex } : 'different';
}

interface Confirmation {
  readonly own: OwnDigest | undefined;
  readonly receipt?: TransferReceipt | undefined;
  /** Octets that the server has to have. */
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
}

/** Whether the server has what was sent: by its digest, else by its size. Gives the failure if it has not. */
export async function confirmUpload(
  connection: TransferConnection,
  path: string,
  { sizeBytes, ...digests }: Confirmation,
): Promise<Verified | Failure> {
  const compared = await compareDigests(connection, path, digests);
  if (compared === 'different') {
    return checksumFailure(path, 'It was left on the server for you to look at.');
  }
  if (compared !== 'unavailable') return compared;
  const theirs = digests.receipt?.sizeBytes ?? (await serverSize(connection, path));
  if (theirs === 'not-shown') return theirs;
  if (theirs === undefined || theirs === sizeBytes) return 'unavailable';
  return new Failure('checksum', `${path}: the server has ${theirs} of ${sizeBytes} bytes.`);
}

/** Note for the user about an upload whose size could not be compared. */
const NOT_SHOWN = 'The server does not show the file; its size could not be compared.';

/** The note that goes with what came of a comparison. */
export function noteOf(verified: Verified): { readonly note?: string } {
  return verified === 'not-shown' ? { note: NOT_SHOWN } : {};
}

/**
 * Undefined if the server shows the file without its size. Files can be put into a drop box whose listing is
 * refused or shows nothing: that a file is missing there says nothing.
 */
async function serverSize(
  { place }: TransferConnection,
  path: string,
): Promise<number | undefined | 'not-shown'> {
  try {
    return await place.size(path);
  } catch (error) {
    const { kind, isTransient } = error as Partial<Failure>;
    if (!isTransient && (kind === 'denied' || kind === 'protocol' || kind === 'incomplete')) {
      return 'not-shown';
    }
    if (kind === 'missing' && (await showsNothing(place, parentOf(path)))) return 'not-shown';
    throw error;
  }
}

async function showsNothing(place: Place, directory: string): Promise<boolean> {
  try {
    const { entries } = await readListing(place, directory);
    return entries.length === 0;
  } catch (error) {
    const { kind, isTransient } = error as Partial<Failure>;
    if (kind === 'denied' && !isTransient) return true;
    throw error;
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** A server that will not compute it for this file has none; a lost connection is a failure as ever. */
async function serverDigest(
  connection: TransferConnection,
  path: string,
  algorithm: Algorithm,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await connection.place.digest(path, algorithm, signal);
  } catch (error) {
    const { kind, isTransient } = error as Partial<Failure>;
    if ((kind === 'denied' || kind === 'protocol') && !isTransient) return undefined;
    throw error;
  }
}

export function checksumFailure(path: string, consequence: string): Failure {
  return new Failure('checksum', `${path}: the copy differs from the source. ${consequence}`);
}
