import type { HookRepository } from '../../db/hook-repository.ts';
import { askServer } from '../admin-socket/ask-server.ts';
import type { Settings } from '../config/settings.ts';
import { CommandError } from '../errors/command-error.ts';
import { deliveriesOf, type NewHookEvent } from '../hooks/new-deliveries.ts';

interface Deps {
  readonly settings: Pick<Settings, 'dataDir' | 'hooks'>;
  readonly hooks: Pick<HookRepository, 'add'>;
}

/** A ban, or the end of one, by the administrator. */
export type BanEvent = Pick<NewHookEvent, 'address' | 'reason' | 'until'> & {
  readonly event: 'ban' | 'unban';
};

/**
 * Tells the hooks of a ban: those of the server that runs, or else those of the settings of this command; they get it when
 * a server runs.
 */
export async function tellHooks(ban: BanEvent, { settings, hooks }: Deps): Promise<void> {
  const { event, address, reason = '', until = '' } = ban;
  const query = new URLSearchParams({ network: address, reason, until });
  try {
    const method = event === 'ban' ? 'POST' : 'DELETE';
    await askServer(settings.dataDir, { method, path: `/bans?${query}` });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const told = { username: '', session: '', ...ban };
    const deliveries = deliveriesOf(told, settings.hooks, Date.now());
    if (deliveries.length > 0) await hooks.add(deliveries);
  }
}
