import { Failure } from '../errors/failure.ts';

/** Failure for a local name that cannot be sent to a server. */
export function unsendableName(path: string): Failure {
  const message = `${path}: its name cannot be sent to a server: it is not UTF-8, or has a line break.`;
  return new Failure('local', message);
}
