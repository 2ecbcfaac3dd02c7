import type { ByteName } from '../system/byte-name.ts';
import type { Task } from '../workers/task-runner.ts';
import { BlockFormatter } from './block-formatter.ts';
import { HeldNames, NamesBudget } from './held-names.ts';
import type { ListingRequest } from './listing-request.ts';
import { entriesOf, type ListedNames } from './name-reader.ts';
import { OpenDirectory } from './open-directory.ts';
import type { StagedEntry } from './partial-entries.ts';

/** Lines of a listing, in the encoding of the disk. */
type Lines = Uint8Array;

/**
 * Names, with a slash between any two, that another thread shall format. Their lines follow those of the next part
 * of this job.
 */
export interface SharedNames {
  readonly sharedNames: string;
  /** Those that may be partial uploads. */
  readonly partials: ReadonlyMap<ByteName, StagedEntry>;
}

/** Input of a worker thread that shares a listing. */
export interface ListingBlocksInput extends SharedNames {
  readonly request: ListingRequest;
}

/** Names formatted in one slice: about 40 KiB of LIST in one or two milliseconds. */
const BLOCK_NAMES = 1000;

/** Number of entries from which a second thread pays. */
const SHARED_FROM_NAMES = 2000;

const budget = new NamesBudget();

/** Lists a directory: reads the names, then formats them block by block. */
export const listingTask: Task<ListingRequest, Lines | SharedNames> = function* (request) {
  const directory = new OpenDirectory(request);
  const held = new HeldNames({ directory, request, budget });
  try {
    return yield* listing({ held, request, formatter: new BlockFormatter({ directory, request }) });
  } finally {
    held.close();
  }
};

function* listing(options: {
  readonly held: HeldNames;
  readonly request: ListingRequest;
  readonly formatter: BlockFormatter;
}): Generator<Lines | SharedNames | undefined, Lines> {
  const { held, request, formatter } = options;
  let text = request.format === 'MLSD' ? formatter.listedDirectory() : '';
  for (let listed = 0; ; ) {
    const own = yield* held.next(BLOCK_NAMES);
    listed += own.names.length;
    if (!own.hasMore) return encode(text + linesOf(own, options));
    if (listed >= SHARED_FROM_NAMES && request.format !== 'NLST') {
      const { names, partials } = yield* held.next(BLOCK_NAMES);
      listed += names.length;
      if (names.length > 0) {
        yield { sharedNames: names.join('/'), partials: entriesOf(names, partials) };
      }
    }
    yield encode(text + linesOf(own, options));
    text = '';
  }
}

function linesOf(
  listed: ListedNames,
  { request, formatter }: { readonly request: ListingRequest; readonly formatter: BlockFormatter },
): string {
  return request.format === 'NLST' ? formatter.nameLines(listed) : formatter.factLines(listed);
}

/** Formats a block of a listing that another thread has begun. */
// biome-ignore lint/correctness/useYield: one block is one slice.
export const listingBlocksTask: Task<ListingBlocksInput, Lines> = function* (input) {
  const directory = new OpenDirectory(input.request);
  const formatter = new BlockFormatter({ directory, request: input.request });
  const names = input.sharedNames.split('/');
  return encode(formatter.factLines({ names, partials: input.partials }));
};

/** Copies a chunk into memory of its own, which can be transferred to another thread. */
function encode(text: string): Lines {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
