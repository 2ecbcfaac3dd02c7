import { DatabaseError } from '../../db/database-error.ts';

/**
 * Exit codes besides 0: a failure; a temporary failure, so that a service manager tries again (sysexits.h,
 * EX_TEMPFAIL); wrong settings (EX_CONFIG).
 */
export type StartExitCode = 1 | 75 | 78;

/** Why the server cannot start. The message is a sentence for the operator that names the setting. */
export class StartError extends Error {
  readonly exitCode: StartExitCode;

  constructor(message: string, options: { readonly exitCode: StartExitCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'StartError';
    this.exitCode = options.exitCode;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port already',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'the system does not permit it to this user',
  EPERM: 'the system does not permit it to this user',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'there is a file where a directory should be',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: "the user's disk quota is used up",
  EMFILE: 'too many open files; raise the limit of file descriptors (ulimit -n)',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name cannot be looked up now',
};

/**
 * Failures that may end by themselves: an address or name that appears with the network, a port that the previous
 * process still has, a file system or certificate that is not there yet, a full disk. A service manager tries again;
 * the administrator has nothing to change.
 */
const TEMPORARY = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EIO',
]);

/** The error for a failure of the system, in a sentence that names the setting at fault. */
export function startErrorFor({ setting, error }: { setting: string; error: unknown }): StartError {
  if (error instanceof StartError) return error;
  if (error instanceof DatabaseError) {
    return new StartError(`${setting}: ${error.message}`, { exitCode: 1, cause: error });
  }
  const { code = '', message = String(error) } = (error ?? {}) as NodeJS.ErrnoException;
  const exitCode = TEMPORARY.has(code) ? 75 : 78;
  return new StartError(`${setting}: ${WORDS[code] ?? message}.`, { exitCode, cause: error });
}
