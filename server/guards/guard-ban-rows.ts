import type { Ban, BanRepository } from '../../db/ban-repository.ts';
import type { Logs } from '../logging/logging.ts';

/** Time that a ban waits for others, to be written with them. */
const BATCH_MS = 100;

/** After the database has refused a batch. */
const RETRY_MS = 1000;

interface GuardBanRowsDeps {
  readonly repository: Pick<BanRepository, 'all' | 'saveGuardBans'>;
  readonly log: Pick<Logs['server'], 'warn'>;
}

/**
 * The bans in the database. Those of the guard are written in batches, and again until the database takes them: a
 * database that is locked delays neither bans nor clients.
 */
export class GuardBanRows {
  readonly #deps: GuardBanRowsDeps;
  /** Not yet in the database, by network; undefined for a ban that is to be removed. */
  readonly #pending = new Map<string, Ban | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(deps: GuardBanRowsDeps) {
    this.#deps = deps;
  }

  /** All bans, with the changes that are not yet written. */
  async read(): Promise<readonly Ban[]> {
    const before = new Map(this.#pending);
    const rows = await this.#deps.repository.all();
    const changes = new Map([...before, ...this.#pending]);
    const changed = [...changes.values()].filter((ban) => ban !== undefined);
    return [...rows.filter((row) => row.by === 'admin' || !changes.has(row.network)), ...changed];
  }

  save(ban: Ban): void {
    this.#change(ban.network, ban);
  }

  remove(network: string): void {
    this.#change(network, undefined);
  }

  /** Writes what waits, once: a database that refuses it must not keep the server from stopping. */
  async close(): Promise<void> {
    await this.#write();
    await this.#write();
    clearTimeout(this.#timer);
  }

  #change(network: string, ban: Ban | undefined): void {
    this.#pending.set(network, ban);
    this.#writeIn(this.#isFailing ? RETRY_MS : BATCH_MS);
  }

  #writeIn(ms: number): void {
    this.#timer ??= setTimeout(() => void this.#write(), ms).unref();
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writePending().finally(() => {
      this.#writing = undefined;
      if (this.#pending.size > 0) this.#writeIn(this.#isFailing ? RETRY_MS : BATCH_MS);
    });
    return this.#writing;
  }

  async #writePending(): Promise<void> {
    if (this.#pending.size === 0) return;
    const changes = new Map(this.#pending);
    const bans = [...changes.values()].filter((ban) => ban !== undefined);
    const removed = [...changes.keys()].filter((network) => changes.get(network) === undefined);
    try {
      await this.#deps.repository.saveGuardBans(bans, removed);
      for (const [network, ban] of changes)
        if (this.#pending.get(network) === ban) this.#pending.delete(network);
      this.#isFailing = false;
    } catch (err) {
      if (!this.#isFailing) this.#deps.log.warn({ err }, 'bans could not be written; trying again');
      this.#isFailing = true;
    }
  }
}
