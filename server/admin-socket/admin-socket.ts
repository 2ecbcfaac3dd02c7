import { rmSync } from 'node:fs';
import { reply } from '../contract/reply.ts';
import type { MyFtpServer } from '../ftp-srv/myftp-server.ts';
import { type HttpAnswer, type HttpRequest, HttpService } from '../network/http-service.ts';
import type { AllSessionServices } from '../session/all-session-services.ts';
import type { RevokedSessions } from '../session/revoked-sessions.ts';
import type { Session } from '../session/session.ts';
import type { Reloader } from '../start/reloader.ts';
import type { AccountRetention } from './account-retention.ts';
import type { AccountTrash } from './account-trash.ts';
import { serverActivity } from './session-facts.ts';
import { adminSocketPath, type SocketPath } from './socket-path.ts';

/** For the user of the server, and root. */
const SOCKET_UMASK = 0o177;

const KICKED = reply(421, 'The administrator has ended your session.');

interface AdminSocketDeps {
  readonly dataDir: string;
  readonly server: Pick<MyFtpServer, 'sessions' | 'drain' | 'isDraining'>;
  readonly services: Pick<AllSessionServices, 'audit' | 'counts' | 'hooks' | 'logs' | 'now'>;
  readonly reloader: Pick<Reloader, 'reload'>;
  readonly trash: AccountTrash;
  readonly retention: AccountRetention;
  /** Reads again what the database says of the accounts, and applies it to their sessions. */
  readonly revoked: Pick<RevokedSessions, 'checkAll'>;
}

/** Answers `who`, `kick`, `drain`, `reload`, `trash`, `retention` and those that change accounts: HTTP over a Unix socket in the data directory. */
export class AdminSocket {
  readonly #deps: AdminSocketDeps;
  readonly #service = new HttpService((request) => this.#answer(request));
  #path: SocketPath | undefined;

  constructor(deps: AdminSocketDeps) {
    this.#deps = deps;
  }

  /** Listens. The server serves its clients as well without: some file systems have no sockets. */
  async open(): Promise<void> {
    const { dataDir, services } = this.#deps;
    try {
      this.#path = adminSocketPath(dataDir);
      // The lock on the directory is held: a socket in it is one that a crash has left.
      rmSync(this.#path.path, { force: true });
      await this.#listen(this.#path.path);
    } catch (err) {
      services.logs.server.warn(
        { err },
        'no admin socket: who, top, kick, drain, reload, trash and retention cannot reach this server',
      );
      this.#path?.close();
      this.#path = undefined;
    }
  }

  async close(): Promise<void> {
    if (this.#path === undefined) return;
    await this.#service.close();
    this.#path.close();
    this.#path = undefined;
  }

  async #listen(path: string): Promise<void> {
    const umask = process.umask(SOCKET_UMASK);
    // The socket is made before this returns.
    const listening = this.#service.listen({ path });
    process.umask(umask);
    await listening;
  }

  async #answer({ method, path, query }: HttpRequest): Promise<HttpAnswer> {
    const answer = this.#answers[`${method} ${path}`];
    if (answer === undefined) return { status: 404, text: '' };
    return { status: 200, text: JSON.stringify(await answer(query)), type: 'application/json' };
  }

  readonly #answers: Readonly<
    Record<string, (query: URLSearchParams) => object | Promise<object>>
  > = {
    'GET /sessions': () => serverActivity(this.#deps.server.sessions, this.#deps.services.counts),
    'DELETE /sessions': (query) => ({ ended: this.#end(query.get('of') ?? '') }),
    'PUT /accounts': () => this.#readAccounts(),
    'POST /bans': (query) => this.#tellHooks('ban', query),
    'DELETE /bans': (query) => this.#tellHooks('unban', query),
    'POST /reload': () => this.#deps.reloader.reload('command'),
    'PUT /draining': () => this.#drain('on'),
    'DELETE /draining': () => this.#drain('off'),
    'GET /trash': (query) => this.#deps.trash.list(query),
    'PUT /trash': (query) => this.#deps.trash.restore(query),
    'DELETE /trash': (query) => this.#deps.trash.empty(query),
    'GET /retention': (query) => this.#deps.retention.look(query),
    'POST /retention': (query) => this.#deps.retention.delete(query),
  };

  /** @returns the number of sessions that have the id, or belong to the user. */
  #end(idOrUsername: string): number {
    const isMeant = ({ id, account }: Session) =>
      id === idOrUsername || account?.username === idOrUsername;
    const meant = [...this.#deps.server.sessions].filter(isMeant);
    for (const session of meant) this.#kick(session);
    return meant.length;
  }

  async #readAccounts(): Promise<object> {
    await this.#deps.revoked.checkAll();
    return {};
  }

  /** The ban itself is in the database. */
  #tellHooks(event: 'ban' | 'unban', query: URLSearchParams): object {
    const [reason, until] = [query.get('reason') || undefined, query.get('until') || undefined];
    const address = query.get('network') ?? '';
    this.#deps.services.hooks.add({ event, username: '', session: '', address, reason, until });
    return {};
  }

  #kick(session: Session): void {
    const { audit, now } = this.#deps.services;
    const { id, peerAddress: address, username = '' } = session;
    session.log.warn({ username }, 'session ended by the administrator');
    const event = { kind: 'kick', atMs: now(), outcome: 'ok', session: id, address } as const;
    audit.record({ ...event, username, reason: 'ended by the administrator' });
    session.end(KICKED);
  }

  #drain(state: 'on' | 'off'): object {
    const { server, services } = this.#deps;
    server.drain(state);
    services.logs.server.warn({ state }, 'draining');
    return { isDraining: server.isDraining, sessions: server.sessions.size };
  }
}
