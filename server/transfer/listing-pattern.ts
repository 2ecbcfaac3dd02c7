import type { SessionContext } from '../contract/session-context.ts';
import { pathIn, resolvePathname, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, NotPermittedError } from '../errors/errors.ts';
import type { ListingRequest } from '../listing/listing-request.ts';
import { isNamePattern } from '../listing/name-pattern.ts';
import type { FileFacts } from '../system/file-facts.ts';

/** A pathname with patterns, taken apart: the directories that it leads to and what is listed of each. */
export interface ListingPattern {
  readonly directories: readonly PatternDirectory[];
  /** Pattern, or name, of the last component. */
  readonly glob: string;
  /** Whether a component before the last one is a pattern. */
  readonly hasManyDirectories: boolean;
}

export interface PatternDirectory {
  readonly path: VirtualPath;
  /** The pathname of the directory as the client wrote it, with its slash. */
  readonly prefix: string;
}

/** A pattern must not keep the server busy: more directories are an error. */
const MAX_DIRECTORIES = 1000;

const DIRECTORY_LINE = 'type=dir; ';

/**
 * Finds the directories that a pathname with patterns leads to, as a shell does: patterns match within one
 * component, and a leading dot only if they begin with one.
 *
 * @throws FileUnavailableError if there are too many.
 */
export async function expandPattern(
  session: SessionContext,
  { pathname, showHidden }: { readonly pathname: string; readonly showHidden: boolean },
): Promise<ListingPattern> {
  const components = pathname.replace(/\/+$/, '').split('/');
  const glob = components.pop() ?? '';
  let directories: PatternDirectory[] = [{ path: session.files.resolve('.'), prefix: '' }];
  let hasManyDirectories = false;
  for (const [index, name] of components.entries()) {
    if (name === '' && index === 0) {
      directories = [{ path: session.files.resolve('/'), prefix: '/' }];
    } else if (isNamePattern(name)) {
      hasManyDirectories = true;
      directories = await expandAll(session, directories, { name, showHidden });
    } else {
      directories = directories.map(({ path, prefix }) => ({
        path: resolvePathname(path, name),
        prefix: `${prefix}${name}/`,
      }));
    }
  }
  return { directories, glob, hasManyDirectories };
}

interface ComponentPattern {
  readonly name: string;
  readonly showHidden: boolean;
}

async function expandAll(
  session: SessionContext,
  parents: readonly PatternDirectory[],
  pattern: ComponentPattern,
): Promise<PatternDirectory[]> {
  const found: PatternDirectory[] = [];
  for (const { path, prefix } of parents) {
    for (const name of await matchingDirectories(session, path, pattern)) {
      found.push({ path: pathIn(path, name), prefix: `${prefix}${name}/` });
      if (found.length > MAX_DIRECTORIES) {
        throw new FileUnavailableError(
          `The pattern matches more than ${MAX_DIRECTORIES} directories.`,
        );
      }
    }
  }
  return found;
}

/** The names of directories in `path` that match. A directory with the very name of the pattern is meant alone. */
async function matchingDirectories(
  session: SessionContext,
  path: VirtualPath,
  { name: glob, showHidden }: ComponentPattern,
): Promise<readonly string[]> {
  if (await isDirectory(session, pathIn(path, glob))) return [glob];
  const directory = await session.files.list(path).catch(ignoreUnavailable);
  if (directory === undefined) return [];
  try {
    const request: ListingRequest = {
      ...directory.contents,
      format: 'MLSD',
      showHidden: true,
      glob,
      facts: ['type'],
      nowMs: session.services.now(),
    };
    const names = await session.abortable((signal) =>
      directoryNames(session.services.lister.list({ ...request, signal })),
    );
    return names.filter((name) => showHidden || glob.startsWith('.') || !name.startsWith('.'));
  } finally {
    directory.close();
  }
}

async function directoryNames(chunks: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const chunk of chunks) {
    for (const line of Buffer.from(chunk).toString().split('\r\n')) {
      if (line.startsWith(DIRECTORY_LINE)) names.push(line.slice(DIRECTORY_LINE.length));
    }
    if (names.length > MAX_DIRECTORIES) return names;
  }
  return names;
}

async function isDirectory(session: SessionContext, path: VirtualPath): Promise<boolean> {
  return (await factsIfExisting(session, path))?.kind === 'directory';
}

/** The facts of a file or directory; undefined if there is none that the client could reach. */
export async function factsIfExisting(
  session: SessionContext,
  path: VirtualPath,
): Promise<FileFacts | undefined> {
  return session.files.get(path).catch(ignoreUnavailable);
}

/** Ignores that something does not exist, or is not to be seen. @throws every other error. */
export function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof FileUnavailableError || error instanceof NotPermittedError)) throw error;
}
