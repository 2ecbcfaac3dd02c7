import { Failure } from '../errors/failure.ts';
import type { ControlConnection } from './connection/control-connection.ts';
import { isRefusal } from './connection/reply.ts';

interface Write {
  /** What the failure begins with. */
  readonly purpose: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Pure-FTPd replaces blanks at the end of a name by `_` when it writes (STOR, RNTO), but not when it is asked for the
 * file (SIZE, MLST). The file of the other name would be replaced without a question.
 *
 * @throws Failure if there may be such a file.
 */
export async function refuseRewrittenName(
  control: ControlConnection,
  path: string,
  { purpose, signal }: Write,
): Promise<void> {
  const rewritten = path.replace(/ +$/, (blanks) => '_'.repeat(blanks.length));
  if (rewritten === path) return;
  const exists = async (one: string) => !isRefusal(await control.ask(`SIZE ${one}`, { signal }));
  if (!(await exists(rewritten)) || (await exists(path))) return;
  const reason = `the server may write it as ${rewritten}, which exists. Rename one of them.`;
  throw new Failure('exists', `${purpose}: ${reason}`);
}
