import type { Algorithm } from './digest.ts';

/** The mode that systems show for every link. */
export const LINK_MODE = 0o777;

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

/** A time from a listing that leaves out seconds, or the time of day. */
export interface ApproximateTime {
  /** The beginning of that minute or day, since the epoch. */
  readonly ms: number;
  readonly precision: 'minute' | 'day';
}

/** One entry of a directory, local or remote. */
export interface Entry {
  /** One pathname component: never empty, `.` or `..`, and without `/` and NUL; remote ones without CR and LF, too. */
  readonly name: string;
  readonly kind: EntryKind;
  readonly sizeBytes: number | undefined;
  /** Since the epoch, to the second at least. */
  readonly modifiedMs: number | undefined;
  /** Where the exact time is not known. It is for people to see, and never equal to another time. */
  readonly approximateTime?: ApproximateTime | undefined;
  /** Permission bits. */
  readonly mode: number | undefined;
  readonly linkTarget?: string | undefined;
  /** Name or number of the user, if the place reports it. */
  readonly owner?: string | undefined;
  /** Identity of a directory, if the listing reports it (RFC 3659 §7.5.2). */
  readonly unique?: string | undefined;
  /** An upload that was cut and can be resumed (MyFTP's `partial` fact). */
  readonly isPartial?: boolean;
}

export interface RemoveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each entry with how many are gone. */
  readonly onRemoved?: (count: number) => void;
}

/**
 * A tree of files: the local disk or a server. Copying, comparing and deleting need not know which. Paths
 * are absolute, with `/`; failures are `Failure`s.
 */
export interface Place {
  readonly kind: 'local' | 'remote';
  /**
   * In batches, as they arrive, in no order. Hostile names of servers have been left out.
   *
   * @throws Failure of kind `incomplete`, after the last batch, if not everything was understood.
   */
  list(path: string, signal?: AbortSignal): AsyncIterable<readonly Entry[]>;
  /** Undefined if nothing has this name. */
  stat(path: string): Promise<Entry | undefined>;
  /**
   * The entry with a link followed, under the name of the path. A dangling link is returned itself; facts that the
   * place reports only for the link are left out.
   */
  follow(path: string): Promise<Entry | undefined>;
  /** Equal for one directory, whatever links a path to it has; undefined if the place does not tell. */
  identity(path: string): Promise<string | undefined>;
  /** With its parents. */
  makeDirectory(path: string): Promise<'made' | 'existed'>;
  rename(from: string, to: string): Promise<void>;
  /** A file, or a directory with all below it. Links are removed, never followed. */
  remove(path: string, options?: RemoveOptions): Promise<void>;
  /** In lower-case hex; undefined if the place cannot compute it. */
  digest(path: string, algorithm: Algorithm, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * The size of a file, asked for by itself; undefined if the place does not tell.
   *
   * @throws Failure of kind `missing`
   */
  size(path: string): Promise<number | undefined>;
  /** The time of a file, asked for by itself; undefined if the place does not tell. */
  modified(path: string): Promise<number | undefined>;
  /** False if the place cannot. */
  setModified(path: string, modifiedMs: number): Promise<boolean>;
  /** Sets the permission bits. False if the place cannot. */
  setMode(path: string, mode: number): Promise<boolean>;
}

/** `name` in `directory`. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}

/** Whether a name is one component that cannot lead elsewhere. */
export function isPlainName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false;
  return !['/', '\0', '\r', '\n'].some((character) => name.includes(character));
}

/** The last name of a path; empty for the root. */
export function lastName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

/** The directory that a path is in; the root for itself. */
export function parentOf(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  return slash <= 0 ? '/' : trimmed.slice(0, slash);
}
