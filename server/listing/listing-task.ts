import type { Task } from '../workers/task-runner.ts';
import { BlockFormatter } from './block-formatter.ts';
import type { ByteName } from './byte-name.ts';
import type { ListingRequest } from './listing-request.ts';
import { readNames } from './name-reader.ts';
import { OpenDirectory } from './open-directory.ts';

/** Lines of a listing, in the encoding of the disk. */
type Lines = Uint8Array;

/**
 * Comes first for a large directory: names, with a slash between any two, whose blocks another thread
 * shall format. Their lines alternate with those of this job, block by block, which begins.
 */
export interface SharedNames {
  readonly sharedNames: string;
}

/** What a worker thread is told when it shares a listing. */
export interface ListingBlocksInput extends SharedNames {
  readonly request: ListingRequest;
}

/** Names formatted in one slice: about 80 KiB of LIST in three milliseconds. */
const BLOCK_NAMES = 1000;

/** From here on, a second thread pays. */
const SHARED_FROM_NAMES = 2000;

/** Lists a directory: reads the names, then formats them block by block. */
export const listingTask: Task<ListingRequest, Lines | SharedNames> = function* (request) {
  const directory = new OpenDirectory(request);
  const listed = yield* readNames(directory.open(), request);
  const formatter = new BlockFormatter({ directory, request });
  const blocks = blocksOf(listed.names);
  if (request.format === 'NLST') {
    return yield* lines({ blocks, format: (names) => formatter.nameLines(names, listed.links) });
  }
  const isShared = listed.names.length >= SHARED_FROM_NAMES;
  if (isShared) {
    const sharedNames = blocks.filter((_, index) => index % 2 === 1).flat();
    yield { sharedNames: sharedNames.join('/') };
  }
  return yield* lines({
    blocks: isShared ? blocks.filter((_, index) => index % 2 === 0) : blocks,
    firstLine: request.format === 'MLSD' ? formatter.listedDirectory() : '',
    format: (names) => formatter.factLines(names),
  });
};

/** Formats every other block of a listing that another thread has begun. */
export const listingBlocksTask: Task<ListingBlocksInput, Lines> = function* (input) {
  const directory = new OpenDirectory(input.request);
  const formatter = new BlockFormatter({ directory, request: input.request });
  const blocks = blocksOf(input.sharedNames.split('/'));
  return yield* lines({ blocks, format: (names) => formatter.factLines(names) });
};

/** Formats one block in each slice; empty blocks produce a part too, for the sake of the order. */
function* lines(options: {
  readonly blocks: readonly (readonly ByteName[])[];
  readonly firstLine?: string;
  readonly format: (names: readonly ByteName[]) => string;
}): Generator<Lines, Lines> {
  let text = options.firstLine ?? '';
  for (const [index, names] of options.blocks.entries()) {
    if (index > 0) {
      yield encode(text);
      text = '';
    }
    text += options.format(names);
  }
  return encode(text);
}

function blocksOf(names: readonly ByteName[]): (readonly ByteName[])[] {
  const blocks: (readonly ByteName[])[] = [];
  for (let start = 0; start < names.length; start += BLOCK_NAMES) {
    blocks.push(names.slice(start, start + BLOCK_NAMES));
  }
  return blocks;
}

/** Into memory of its own, which can be handed to another thread. */
function encode(text: string): Lines {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
