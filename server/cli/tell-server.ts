import { askServer } from '../admin-socket/ask-server.ts';
import type { Settings } from '../config/settings.ts';
import { CommandError } from '../errors/command-error.ts';

/**
 * Has the server that runs, if there is one, read the accounts again, so that a change is in force when the command ends.
 * A server that cannot be asked notices it within a second.
 */
export async function tellServer({ dataDir }: Pick<Settings, 'dataDir'>): Promise<void> {
  try {
    await askServer(dataDir, { method: 'PUT', path: '/accounts' });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}
