import type { AppContext, Using } from '../context/app-context.ts';
import type { Failure } from '../errors/failure.ts';
import { failureText, isCancelled } from '../errors/failure-text.ts';
import type { Reconnecting } from '../remote/connection/session-link.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { Connection } from '../state/ui.ts';
import { offerUnfinished, openQueue } from './open-queue.ts';
import { showLimit } from './queue-actions.ts';
import { openDirectory, refreshDirectory } from './read-directory.ts';
import { updateQuota } from './update-quota.ts';

const SECOND_MS = 1000;

/** Takes a session over: its files on the right, a queue for its transfers. */
export async function goOnline(app: AppContext, session: RemoteSession): Promise<void> {
  await app.connection.active?.close();
  const transfers = await openQueue(app, session);
  const unwatch = watchSession(app, session);
  app.connection.active = {
    session,
    queue: transfers.queue,
    setWorkers: (count) => transfers.setWorkers(count),
    async close() {
      app.connection.active = undefined;
      unwatch();
      await transfers.close();
      await session.close().catch(() => {});
      app.ui.dispatch({ type: 'connection', connection: { state: 'none' } });
    },
  };
  notifyOnline(app, session);
  showLimit(app, session.rate.bytesPerSecond);
  app.ui.dispatch({ type: 'screenShown', screen: 'files' });
  await showFirstDirectories(app, session);
  app.tasks.start(() => offerUnfinished(app, transfers));
}

async function showFirstDirectories(
  app: Using<'ui' | 'tasks' | 'connection' | 'places'>,
  session: RemoteSession,
): Promise<void> {
  const { site } = session;
  const local = site.localPath ?? app.ui.get().panes.left.path;
  app.tasks.start(async () => {
    await openDirectory(app, 'left', { path: local });
  });
  app.tasks.start(() => updateQuota(app));
  const start = await session.workingDirectory();
  const { remotePath } = site;
  const wanted = remotePath?.startsWith('/') === false ? `${start}/${remotePath}` : remotePath;
  const path = (wanted ?? start).replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
  if (!(await openDirectory(app, 'right', { path })) && path !== start) {
    const { error } = app.ui.get().panes.right;
    await openDirectory(app, 'right', { path: start });
    app.ui.notify(`${path}: ${error ?? 'cannot be read'}`, 'bad');
  }
}

function notifyOnline(app: Using<'ui'>, session: RemoteSession): void {
  const { site, protocol } = session;
  app.ui.dispatch({ type: 'connection', connection: { state: 'online', site, protocol } });
}

/** Shows when the connection is lost, and has it made again. */
function watchSession(app: AppContext, session: RemoteSession): () => void {
  const watch = new ConnectionWatch(app, session);
  session.on('lost', watch.onLost);
  session.on('reconnecting', watch.onReconnecting);
  session.on('gaveUp', watch.onGaveUp);
  session.on('restored', watch.onRestored);
  return () => {
    session.off('lost', watch.onLost);
    session.off('reconnecting', watch.onReconnecting);
    session.off('gaveUp', watch.onGaveUp);
    session.off('restored', watch.onRestored);
    watch.stop();
  };
}

class ConnectionWatch {
  readonly #app: AppContext;
  readonly #session: RemoteSession;
  #countdown: NodeJS.Timeout | undefined;
  #reason = '';

  constructor(app: AppContext, session: RemoteSession) {
    this.#app = app;
    this.#session = session;
  }

  stop(): void {
    clearInterval(this.#countdown);
  }

  /** Reading what is shown makes the connection again, as often as the session tries. */
  readonly onLost = (failure: Failure): void => {
    this.#reason = failureText(failure);
    this.#show(undefined);
    this.#app.tasks.start(async () => {
      await refreshDirectory(this.#app, 'right');
    });
  };

  readonly onReconnecting = ({ attempt, attempts, delayMs }: Reconnecting): void => {
    this.stop();
    const untilMs = performance.now() + delayMs;
    const show = () => {
      const leftMs = Math.max(0, untilMs - performance.now());
      const inSeconds = Math.ceil(leftMs / SECOND_MS);
      this.#show({ attempt, of: attempts, inSeconds });
      if (leftMs === 0) this.stop();
    };
    this.#countdown = setInterval(show, SECOND_MS);
    show();
  };

  /** Everything that needs the connection tries again. */
  readonly onGaveUp = (reason: unknown): void => {
    this.stop();
    if (!isCancelled(reason)) this.#reason = failureText(reason);
    this.#show(undefined);
  };

  readonly onRestored = (): void => {
    this.stop();
    notifyOnline(this.#app, this.#session);
    this.#app.connection.active?.queue.retryNow();
    this.#app.ui.notify('Reconnected.', 'good');
  };

  #show(retry: Extract<Connection, { state: 'lost' }>['retry']): void {
    const { site } = this.#session;
    const connection: Connection = { state: 'lost', site, reason: this.#reason, retry };
    this.#app.ui.dispatch({ type: 'connection', connection });
  }
}
