import { Failure } from '../errors/failure.ts';

/** The same failure, but not one that is tried again: what has been read or written is gone. */
export function notTriedAgain(error: unknown): unknown {
  const { name, kind = 'local', message = '', code } = error as Partial<Failure>;
  if (name !== 'Failure') return error;
  return new Failure(kind, message, { ...(code !== undefined && { code }) });
}
