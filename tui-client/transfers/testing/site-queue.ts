import { LocalPlace } from '../../local/local-place.ts';
import { ConnectionPool } from '../../remote/connection/connection-pool.ts';
import type { RemoteSession } from '../../remote/remote-session.ts';
import { connectAnna } from '../../remote/testing/test-site.ts';
import { TransferQueue, type TransferQueueOptions } from '../queue/transfer-queue.ts';

interface SiteQueueOptions extends Partial<TransferQueueOptions> {
  /** Called with the lines of the control connections. */
  readonly log?: (line: string) => void;
  readonly username?: string;
  readonly password?: () => Promise<string>;
}

/** A queue with a whole client under it, for tests against real servers. */
export class SiteQueue {
  readonly session: RemoteSession;
  readonly pool: ConnectionPool;
  readonly queue: TransferQueue;

  private constructor(session: RemoteSession, options: Partial<TransferQueueOptions>) {
    this.session = session;
    const { workers = 3 } = options;
    this.pool = new ConnectionPool({
      open: (signal) => session.openAnother(signal),
      spare: session,
      limit: workers,
    });
    this.queue = new TransferQueue({
      site: 'anna',
      local: new LocalPlace(),
      remotePlace: session.place,
      connections: this.pool,
      onConflict: async () => ({ policy: 'skip', scope: 'this' }),
      ...options,
    });
  }

  static async open(
    port: number,
    { log, username, password, ...options }: SiteQueueOptions = {},
  ): Promise<SiteQueue> {
    const session = await connectAnna(port, {
      ...(log && { log }),
      ...(username && { username }),
      ...(password && { password }),
    });
    return new SiteQueue(session, options);
  }

  async close(): Promise<void> {
    await this.pool.close();
    await this.session.close();
  }
}
