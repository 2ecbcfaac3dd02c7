import type { Reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { sendChunks } from '../data/send.ts';
import { nameOf, type VirtualPath } from '../disk/virtual-path.ts';
import { ArgumentError } from '../errors/errors.ts';
import type { ListingRequest } from '../listing/listing-request.ts';
import { isNamePattern, nameMatcher } from '../listing/name-pattern.ts';
import { unixLine } from '../listing/unix-line.ts';
import type { FileFacts } from '../system/file-facts.ts';
import {
  expandPattern,
  factsIfExisting,
  ignoreUnavailable,
  type PatternDirectory,
} from './listing-pattern.ts';
import { completeReply } from './transfer-receipt.ts';

interface Listing {
  readonly verb: 'LIST' | 'NLST' | 'MLSD';
  /** Empty: the working directory. May hold patterns, for LIST and NLST. */
  readonly pathname: string;
  readonly showHidden: boolean;
  /** Another pathname, if nothing has this one. */
  readonly alternative?: string | undefined;
}

/** Sends a listing over the data connection and answers that it is complete. */
export async function sendListing(session: SessionContext, listing: Listing): Promise<Reply> {
  session.takeNext();
  const source = await openListing(session, listing);
  try {
    await session.transfers.run(
      {
        verb: listing.verb,
        path: source.path,
        openingText: 'Opening data connection for directory listing.',
      },
      (channel, transfer) => sendChunks(channel, source.chunks(transfer.signal), transfer),
    );
    return completeReply(session, 'Directory send OK.');
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

/** Opens a directory, a single file, or the directories that a pattern picks names of. */
export async function openListing(session: SessionContext, listing: Listing): Promise<OpenListing> {
  const { alternative } = listing;
  if (alternative === undefined) return openPathname(session, listing);
  try {
    return await openPathname(session, listing);
  } catch (error) {
    ignoreUnavailable(error);
    const path = session.files.resolve(alternative);
    if ((await factsIfExisting(session, path)) === undefined) throw error;
    return openPathname(session, { ...listing, pathname: alternative, showHidden: false });
  }
}

async function openPathname(session: SessionContext, listing: Listing): Promise<OpenListing> {
  const { pathname, verb } = listing;
  const path = session.files.resolve(pathname);
  if (verb !== 'MLSD' && isNamePattern(pathname)) return openPattern(session, listing, path);
  const facts = await session.files.get(path);
  if (facts.kind === 'directory') {
    return openDirectory(session, listing, { path, prefix: prefixOf(pathname) });
  }
  if (verb === 'MLSD') throw new ArgumentError(`${path}: not a directory; send MLST.`);
  return openFile(session, listing, facts);
}

function prefixOf(pathname: string): string {
  return pathname === '' || pathname.endsWith('/') ? pathname : `${pathname}/`;
}

function openFile(
  session: SessionContext,
  { verb, pathname }: Listing,
  facts: FileFacts,
): OpenListing {
  const line = verb === 'NLST' ? pathname : unixLine(facts, session.services.now());
  const path = session.files.resolve(pathname);
  return { path, chunks: () => [Buffer.from(`${line}\r\n`)], close: () => {} };
}

/**
 * A directory of that very name is meant alone, because clients walk through trees by name. So is a file, unless
 * the pattern matches it together with others.
 */
async function openPattern(
  session: SessionContext,
  listing: Listing,
  path: VirtualPath,
): Promise<OpenListing> {
  const { pathname } = listing;
  const facts = await factsIfExisting(session, path);
  if (facts?.kind === 'directory') {
    return openDirectory(session, listing, { path, prefix: prefixOf(pathname) });
  }
  const name = nameOf(path);
  if (facts !== undefined && !nameMatcher(name)(name)) return openFile(session, listing, facts);
  const { directories, glob, hasManyDirectories } = await expandPattern(session, listing);
  const ofNames = { ...listing, showHidden: listing.showHidden || glob.startsWith('.'), glob };
  const [first] = directories;
  if (!hasManyDirectories && first !== undefined) return openDirectory(session, ofNames, first);
  return {
    path,
    chunks: (signal) => eachDirectory(session, { listing: ofNames, directories }, signal),
    close: () => {},
  };
}

interface NamesListing extends Listing {
  readonly glob?: string;
}

/** One directory after the other; one that has gone since, or cannot be read, has no names. */
async function* eachDirectory(
  session: SessionContext,
  parts: { listing: NamesListing; directories: readonly PatternDirectory[] },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const directory of parts.directories) {
    const wanted = { ...directory, areLinesPrefixed: true };
    const source = await openDirectory(session, parts.listing, wanted).catch(ignoreUnavailable);
    try {
      yield* source?.chunks(signal) ?? [];
    } finally {
      source?.close();
    }
  }
}

async function openDirectory(
  session: SessionContext,
  { verb, showHidden, glob }: NamesListing,
  { path, prefix, areLinesPrefixed = verb === 'NLST' }: PatternDirectory & WantedLines,
): Promise<OpenListing> {
  const directory = await session.files.list(path);
  const request: ListingRequest = {
    ...directory.contents,
    format: verb,
    showHidden,
    glob,
    namePrefix: areLinesPrefixed ? prefix : '',
    facts: session.parameters.machineFacts,
    nowMs: session.services.now(),
  };
  return {
    path,
    chunks: (signal) => session.services.lister.list({ ...request, signal }),
    close: () => directory.close(),
  };
}

interface WantedLines {
  /** LIST needs the directory before each name only where there are many. */
  readonly areLinesPrefixed?: boolean;
}
