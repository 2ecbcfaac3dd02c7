import { Failure, type FailureKind } from '../errors/failure.ts';

const BY_ERRNO: Readonly<Record<string, readonly [FailureKind, string]>> = {
  ENOENT: ['missing', 'no such file or directory'],
  ENOTDIR: ['missing', 'a part of the path is not a directory'],
  EACCES: ['denied', 'permission denied'],
  EPERM: ['denied', 'operation not permitted'],
  EROFS: ['denied', 'the disk is read-only'],
  ENOSPC: ['space', 'the local disk is full'],
  EDQUOT: ['space', 'your quota on the local disk is used up'],
  EFBIG: ['space', 'larger than the local disk can hold'],
  EEXIST: ['exists', 'exists already'],
  EISDIR: ['exists', 'is a directory'],
  ENOTEMPTY: ['exists', 'the directory is not empty'],
  ELOOP: ['local', 'is a link'],
  ENXIO: ['local', 'not a plain file'],
  EXDEV: ['local', 'is on another file system'],
  EBUSY: ['local', 'in use by the system'],
  ENAMETOOLONG: ['local', 'the name is too long for the local disk'],
  EINVAL: ['local', 'not a name that the local disk can hold'],
  EILSEQ: ['local', 'not a name that the local disk can hold'],
  EPIPE: ['local', 'its reader has closed it'],
  EIO: ['local', 'the local disk failed'],
};

const TRANSIENT = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY']);

/** An error of the local disk in words for the user. What is no such error is given back as it is. */
export function localFailure(error: unknown, path: string): unknown {
  const errno = errnoOf(error);
  if (errno === '') return error;
  const [kind, text] = BY_ERRNO[errno] ?? ['local', `the local disk answered ${errno}`];
  return new Failure(kind, `${path}: ${text}.`, { isTransient: TRANSIENT.has(errno) });
}

/** Runs a task of the local disk; its errors become `Failure`s about `path`. */
export async function onDisk<Result>(path: string, task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    throw localFailure(error, path);
  }
}

/** The same for a task that is done at once. */
export function atOnce<Result>(path: string, task: () => Result): Result {
  try {
    return task();
  } catch (error) {
    throw localFailure(error, path);
  }
}

/** The symbolic errno, such as `ENOENT`; empty for other errors. */
export function errnoOf(error: unknown): string {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  return typeof code === 'string' && typeof errno === 'number' ? code : '';
}
