import { constants } from 'node:os';
import {
  ClientError,
  DiskFailureError,
  DiskFullError,
  FileNameNotAllowedError,
  FileUnavailableError,
  naming,
} from '../errors/errors.ts';
import { ROOT, type VirtualPath } from './virtual-path.ts';

type Make = (path: VirtualPath) => ClientError;

const unavailable =
  (what: string): Make =>
  (path) =>
    new FileUnavailableError(naming(['', `: ${what}.`], path));

const BY_ERRNO: Readonly<Record<string, Make>> = {
  ENOENT: unavailable('no such file or directory'),
  ENOTDIR: unavailable('not a directory'),
  EISDIR: unavailable('is a directory'),
  EEXIST: unavailable('already exists'),
  ENOTEMPTY: unavailable('directory not empty'),
  EACCES: unavailable('permission denied'),
  EPERM: unavailable('operation not permitted'),
  EROFS: unavailable('the disk is read-only'),
  EBUSY: unavailable('in use by the system'),
  ELOOP: unavailable('no such file or directory'),
  ENXIO: unavailable('not a plain file'),
  EMLINK: unavailable('too many links'),
  EXDEV: unavailable('is on another file system'),
  ENAMETOOLONG: (path) => new FileNameNotAllowedError(`${tail(path)}: the name is too long.`),
  EINVAL: (path) => new FileNameNotAllowedError(naming`${path}: not a valid name on this disk.`),
  EILSEQ: (path) => new FileNameNotAllowedError(naming`${path}: not a valid name on this disk.`),
  ENOSPC: () => new DiskFullError('The disk of the server is full.'),
  EDQUOT: () => new DiskFullError('The disk of the server is full.'),
  SQLITE_FULL: () => new DiskFullError('The disk of the server is full.'),
  EFBIG: () => new DiskFullError('The file is larger than the disk of the server can hold.'),
  EIO: () => new DiskFailureError('The disk of the server failed.'),
  EMFILE: () => new DiskFailureError('The server has too many files open; try again shortly.'),
  ENFILE: () => new DiskFailureError('The server has too many files open; try again shortly.'),
};

/** Translates an error of the disk for the client, which knows `path` but not its place on disk. */
export function diskError(error: unknown, path: VirtualPath): unknown {
  if (error instanceof ClientError) return error;
  return BY_ERRNO[errnoOf(error)]?.(path) ?? error;
}

const SHORTAGES: ReadonlySet<string> = new Set([
  ...['ENOSPC', 'EDQUOT', 'SQLITE_FULL'],
  ...['EMFILE', 'ENFILE'],
]);

/**
 * A full disk, or too many open files, in words for the client; undefined for other errors. Any call of the system can
 * fail so, also where no file of the client is at work.
 */
export function shortageError(error: unknown): ClientError | undefined {
  const errno = errnoOf(error);
  return SHORTAGES.has(errno) ? BY_ERRNO[errno]?.(ROOT) : undefined;
}

/** Whether the disk, or what the system lets the process use of it, is full; for the database, too. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(errnoOf(error));
}

/** Whether the process, or the system, has reached its limit of open files. */
export function isOutOfFiles(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(errnoOf(error));
}

/** The symbolic errno, such as `ENOENT`; empty for other errors. */
export function errnoOf(error: unknown): string {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  if (typeof code !== 'string') return '';
  // libuv has no name for some errors and reports only their number.
  return typeof errno === 'number' && -errno === constants.errno.EDQUOT ? 'EDQUOT' : code;
}

function tail(path: VirtualPath): string {
  return path.length > 64 ? `...${path.slice(-64)}` : path;
}
