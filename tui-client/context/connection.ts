import type { ConversationLog } from '../remote/connection/conversation-log.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { TransferQueue } from '../transfers/queue/transfer-queue.ts';

/** The server of the right pane. */
export interface Connection {
  /** Undefined before the first login and after the last. */
  active: ActiveConnection | undefined;
  /** Of all logins since the start. */
  readonly conversation: ConversationLog;
}

/** A session with the queue of its transfers. */
export interface ActiveConnection {
  readonly session: RemoteSession;
  readonly queue: TransferQueue;
  /** Sets the number of transfers that run at the same time. */
  setWorkers(count: number): void;
  /** Closes all connections. */
  close(): Promise<void>;
}
