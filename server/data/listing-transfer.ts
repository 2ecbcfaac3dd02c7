import type { Reply } from '../control/reply.ts';
import { FileUnavailableError } from '../errors.ts';
import type { ListableDirectory } from '../files/user-file-system.ts';
import { nameOf, parentOf, type VirtualPath } from '../files/virtual-path.ts';
import type { ListingRequest } from '../listing/listing-request.ts';
import { unixLine } from '../listing/unix-line.ts';
import type { Session } from '../session.ts';
import { sendChunks } from './send.ts';
import { completeReply } from './transfer-receipt.ts';

interface Listing {
  readonly verb: 'LIST' | 'NLST' | 'MLSD';
  /** Empty: the working directory. May hold a pattern in its last component, for LIST and NLST. */
  readonly pathname: string;
  readonly showHidden: boolean;
}

/** Sends a listing over the data connection and answers that it is complete. */
export async function sendListing(session: Session, listing: Listing): Promise<Reply> {
  session.takeRestartMarker();
  session.expectation = undefined;
  const source = await openListing(session, listing);
  try {
    await session.transfers.run(
      { verb: listing.verb, path: source.path, announcement: 'Here comes the listing.' },
      (channel, transfer) => sendChunks(channel, source.chunks(transfer.signal), transfer),
    );
    return completeReply(session, 'Listing complete.');
  } finally {
    source.close();
  }
}

/** Something to list, open, so that its faults come before the data connection. */
export interface OpenListing {
  readonly path: VirtualPath;
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  close(): void;
}

/** Opens a directory, a single file, or the directory that a pattern picks names of. */
export async function openListing(session: Session, listing: Listing): Promise<OpenListing> {
  const { pathname, verb } = listing;
  const path = session.files.resolve(pathname);
  const facts = await session.files.get(path).catch((error: unknown) => {
    if (verb !== 'MLSD' && isPattern(path) && error instanceof FileUnavailableError)
      return undefined;
    throw error;
  });
  if (facts === undefined) return openPattern(session, listing, path);
  if (facts.kind === 'directory') return openDirectory(session, listing, { path });
  if (verb === 'MLSD') throw new FileUnavailableError(`${path}: not a directory.`);
  const line = verb === 'NLST' ? pathname : unixLine(facts, session.services.now());
  return { path, chunks: () => [Buffer.from(`${line}\r\n`)], close: () => {} };
}

async function openPattern(
  session: Session,
  listing: Listing,
  path: VirtualPath,
): Promise<OpenListing> {
  const slash = listing.pathname.lastIndexOf('/');
  const pathname = listing.pathname.slice(0, slash + 1);
  const ofDirectory = { ...listing, pathname };
  return openDirectory(session, ofDirectory, { path: parentOf(path), glob: nameOf(path) });
}

async function openDirectory(
  session: Session,
  { verb, pathname, showHidden }: Listing,
  { path, glob }: { path: VirtualPath; glob?: string },
): Promise<OpenListing> {
  const directory = await session.files.list(path);
  const request = {
    ...placeOf(session, directory),
    format: verb,
    showHidden,
    glob,
    namePrefix: pathname === '' || pathname.endsWith('/') ? pathname : `${pathname}/`,
    facts: session.machineFacts,
    nowMs: session.services.now(),
  } as const;
  return {
    path,
    chunks: (signal) => session.services.lister.list({ ...request, signal } as ListingRequest),
    close: () => directory.close(),
  };
}

function placeOf(session: Session, directory: ListableDirectory) {
  const { files } = session;
  return {
    descriptor: directory.descriptor,
    rootPath: files.storage.jail.rootPath,
    extraEntries: directory.partials,
    canWrite: files.isWritable,
  };
}

function isPattern(path: VirtualPath): boolean {
  return /[*?[]/.test(nameOf(path));
}
