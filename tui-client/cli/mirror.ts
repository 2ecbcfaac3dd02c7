import { UsageError } from './command-context.ts';
import type { CommandRequest } from './request.ts';

/** Makes one directory like the other. */
export function mirror(_request: CommandRequest): Promise<number> {
  throw new UsageError('mirror is not there yet.');
}
