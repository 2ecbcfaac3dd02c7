import type { Failure } from '../failure.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { Reconnecting } from '../remote/session-link.ts';
import type { Connection } from '../state/ui.ts';
import type { Desk } from './desk.ts';
import { failureText, isCancelled } from './failure-text.ts';
import { offerUnfinished, openQueue } from './open-queue.ts';
import { showLimit } from './queue-actions.ts';
import { openDirectory, refreshDirectory } from './read-directory.ts';
import { updateQuota } from './update-quota.ts';

const SECOND_MS = 1000;

/** Takes a session over: its files on the right, a queue for its transfers. */
export async function goOnline(desk: Desk, session: RemoteSession): Promise<void> {
  await desk.online?.close();
  const transfers = await openQueue(desk, session);
  const unwatch = watchSession(desk, session);
  desk.online = {
    session,
    queue: transfers.queue,
    setWorkers: (count) => transfers.setWorkers(count),
    async close() {
      desk.online = undefined;
      unwatch();
      await transfers.close();
      await session.close().catch(() => {});
      desk.store.dispatch({ type: 'connection', connection: { state: 'none' } });
    },
  };
  tellOnline(desk, session);
  showLimit(desk, session.rate.bytesPerSecond);
  desk.store.dispatch({ type: 'screenShown', screen: 'files' });
  await showFirstDirectories(desk, session);
  desk.start(() => offerUnfinished(desk, transfers));
}

async function showFirstDirectories(desk: Desk, session: RemoteSession): Promise<void> {
  const { site } = session;
  const local = site.localPath ?? desk.store.get().panes.left.path;
  desk.start(async () => {
    await openDirectory(desk, 'left', { path: local });
  });
  desk.start(() => updateQuota(desk));
  const start = await session.workingDirectory();
  const { remotePath } = site;
  const wanted = remotePath?.startsWith('/') === false ? `${start}/${remotePath}` : remotePath;
  const path = (wanted ?? start).replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
  if (!(await openDirectory(desk, 'right', { path })) && path !== start) {
    const { error } = desk.store.get().panes.right;
    await openDirectory(desk, 'right', { path: start });
    desk.tell(`${path}: ${error ?? 'cannot be read'}`, 'bad');
  }
}

function tellOnline(desk: Desk, session: RemoteSession): void {
  const { site, protocol } = session;
  desk.store.dispatch({ type: 'connection', connection: { state: 'online', site, protocol } });
}

/** Shows when the connection is lost, and has it made again. */
function watchSession(desk: Desk, session: RemoteSession): () => void {
  const watch = new ConnectionWatch(desk, session);
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
  readonly #desk: Desk;
  readonly #session: RemoteSession;
  #countdown: NodeJS.Timeout | undefined;
  #reason = '';

  constructor(desk: Desk, session: RemoteSession) {
    this.#desk = desk;
    this.#session = session;
  }

  stop(): void {
    clearInterval(this.#countdown);
  }

  /** Reading what is shown makes the connection again, as often as the session tries. */
  readonly onLost = (failure: Failure): void => {
    this.#reason = failureText(failure);
    this.#show(undefined);
    this.#desk.start(async () => {
      await refreshDirectory(this.#desk, 'right');
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
    tellOnline(this.#desk, this.#session);
    this.#desk.online?.queue.retryNow();
    this.#desk.tell('Connected again.', 'good');
  };

  #show(retry: Extract<Connection, { state: 'lost' }>['retry']): void {
    const { site } = this.#session;
    const connection: Connection = { state: 'lost', site, reason: this.#reason, retry };
    this.#desk.store.dispatch({ type: 'connection', connection });
  }
}
