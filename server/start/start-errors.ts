import { DatabaseError } from '../../db/database-error.ts';
import { StartError } from '../start-error.ts';

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
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name cannot be looked up now',
};

/** Why the server cannot start, in a sentence that names the setting which the system did not like. */
export function startErrorFor({ setting, error }: { setting: string; error: unknown }): StartError {
  if (error instanceof StartError) return error;
  if (error instanceof DatabaseError) {
    return new StartError(`${setting}: ${error.message}`, { exitCode: 1, cause: error });
  }
  const { code = '', message = String(error) } = (error ?? {}) as NodeJS.ErrnoException;
  const exitCode = code === 'EADDRINUSE' ? 1 : 78;
  return new StartError(`${setting}: ${WORDS[code] ?? message}.`, { exitCode, cause: error });
}
