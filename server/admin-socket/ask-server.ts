import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { CommandError } from '../errors/command-error.ts';
import { adminSocketPath } from './socket-path.ts';

const ANSWER_TIMEOUT_MS = 5000;

export interface AdminRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With a query, if there is one. */
  readonly path: string;
  /** Time that the server has for its answer. */
  readonly timeoutMs?: number;
}

/**
 * Asks the server that runs on a data directory.
 *
 * @throws CommandError if no server answers, or one that does not know the request.
 */
export async function askServer(
  dataDir: string,
  { method, path, timeoutMs = ANSWER_TIMEOUT_MS }: AdminRequest,
): Promise<unknown> {
  try {
    const socket = adminSocketPath(dataDir);
    try {
      const asked = request({ socketPath: socket.path, method, path, agent: false });
      asked.setTimeout(timeoutMs, () => asked.destroy(timeout()));
      const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
      if (answer.statusCode !== 200) throw unknownRequest();
      return await json(answer);
    } finally {
      socket.close();
    }
  } catch (error) {
    throw error instanceof CommandError ? error : unreachable(dataDir, error);
  }
}

function timeout(): Error {
  return Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' });
}

function unknownRequest(): CommandError {
  return new CommandError('The server that runs is of another version; restart it.');
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'only the user that the server runs as may ask it',
  ETIMEDOUT: 'the server did not answer in time',
};

function unreachable(dataDir: string, error: unknown): CommandError {
  const { code = '' } = error as NodeJS.ErrnoException;
  const reason = REASONS[code] ?? 'no server runs with this data directory';
  return new CommandError(`--data ${dataDir}: ${reason}.`, { cause: error });
}
