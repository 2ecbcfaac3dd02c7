import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { isStill, type NameContent } from '../disk/name-content.ts';
import { nameOf, type VirtualPath } from '../disk/virtual-path.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import type { ByteName } from '../system/byte-name.ts';
import { type FileFacts, fileFacts } from '../system/file-facts.ts';

/**
 * The partial uploads of one directory that a listing shows in place of what the disk holds. All listings of the
 * directory, in all threads, share one copy.
 */
export interface PartialEntries {
  /** Directories of the staging files: an upload that resumes one moves it from the first to the second. */
  readonly stagingPaths: readonly string[];
  /** See {@link encodePartials}. */
  readonly encoded: SharedArrayBuffer;
}

/** A partial upload as a listing looks it up. */
export interface StagedEntry {
  /** Name of its staging file. */
  readonly id: string;
  /** It is shown while its name holds this. */
  readonly held: NameContent;
}

/** Lines that are encoded in one step: well below a millisecond. */
const LINES_AT_ONCE = 512;

/** Name, id and held content, with NUL between them, which no name can hold; line feeds between the lines. */
export async function encodePartials(
  partials: Iterable<{
    readonly path: VirtualPath;
    readonly id: string;
    readonly held: NameContent | undefined;
  }>,
): Promise<SharedArrayBuffer> {
  const chunks: Buffer[] = [];
  for await (const batch of inBatches(partials, LINES_AT_ONCE)) {
    const lines = batch.map(({ path, id, held }) => `${nameOf(path)}\0${id}\0${held}\n`);
    chunks.push(Buffer.from(lines.join('')));
  }
  const encoded = new SharedArrayBuffer(chunks.reduce((sum, { length }) => sum + length, 0));
  const octets = new Uint8Array(encoded);
  let offset = 0;
  for (const chunk of chunks) {
    octets.set(chunk, offset);
    offset += chunk.length;
  }
  return encoded;
}

/** The partial uploads with the names that are wanted. */
export function decodePartials(
  encoded: SharedArrayBuffer,
  isWanted: (name: ByteName) => boolean,
): Map<ByteName, StagedEntry> {
  const entries = new Map<ByteName, StagedEntry>();
  for (const line of Buffer.from(encoded).toString('latin1').split('\n')) {
    const [name = '', id = '', held = ''] = line.split('\0');
    if (id !== '' && isWanted(name)) entries.set(name, { id, held: held as NameContent });
  }
  return entries;
}

/** The facts of a partial upload; undefined if it is gone, or the content of its name has changed. */
export function stagedFacts(
  { name, stats }: { readonly name: ByteName; readonly stats: Stats | undefined },
  { id, held }: StagedEntry,
  stagingPaths: readonly string[],
): FileFacts | undefined {
  if (!isStill(held, stats)) return undefined;
  for (const directory of stagingPaths) {
    const staged = lstatSync(join(directory, id), { throwIfNoEntry: false });
    if (staged !== undefined) return { ...fileFacts(name, staged), isPartial: true };
  }
  return undefined;
}
