import type { Account, Accounts } from '../accounts/accounts.ts';
import { ClientError } from '../errors/errors.ts';
import type { UserStorages } from '../files/user-storages.ts';
import type { Logs } from '../logging/logging.ts';
import type { TrashItem } from '../trash/trash-item.ts';

/** An item of the trash as `trash list` shows it. Times are ISO 8601 in UTC. */
interface TrashFacts {
  readonly id: string;
  /** The client's path. */
  readonly path: string;
  readonly kind: TrashItem['kind'];
  readonly reason: TrashItem['reason'];
  readonly sizeBytes: number;
  readonly isCharged: boolean;
  readonly deletedAt: string;
  readonly expiresAt: string;
}

interface Deps {
  readonly accounts: Pick<Accounts, 'find'>;
  readonly storages: Pick<UserStorages, 'open'>;
  readonly log: Logs['server'];
}

type OpenedFiles = Awaited<ReturnType<UserStorages['open']>>;

/** What administrators do with the trashes of accounts. A sentence in `problem` says why something cannot be done. */
export class AccountTrash {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The items of an account, the oldest first. */
  list(query: URLSearchParams): Promise<object> {
    return this.#with(query, async (files) => {
      const items = files.requireWritable().space.trash.values();
      return { items: [...items].map(trashFacts) };
    });
  }

  restore(query: URLSearchParams): Promise<object> {
    const id = query.get('id') ?? '';
    return this.#with(query, async (files) => {
      const path = await files.kept.restoreDeleted(id, query.get('to') ?? undefined);
      this.#deps.log.warn({ username: query.get('of'), path }, 'administrator restored a file');
      return { path };
    });
  }

  empty(query: URLSearchParams): Promise<object> {
    return this.#with(query, async (files) => {
      const emptied = await files.kept.emptyTrash();
      this.#deps.log.warn(
        { username: query.get('of'), ...emptied },
        'administrator emptied a trash',
      );
      return emptied;
    });
  }

  async #with(
    query: URLSearchParams,
    task: (files: OpenedFiles) => Promise<object>,
  ): Promise<object> {
    const username = query.get('of') ?? '';
    const account = await this.#deps.accounts.find(username);
    if (account === undefined) return { problem: `No such account: "${username}".` };
    try {
      return await this.#withFiles(account, task);
    } catch (err) {
      // The home may be elsewhere and not mounted, too.
      if (err instanceof ClientError) return { problem: err.message };
      this.#deps.log.error({ err, username }, 'trash could not be changed');
      return { problem: 'The server failed; see its log.' };
    }
  }

  async #withFiles(
    account: Account,
    task: (files: OpenedFiles) => Promise<object>,
  ): Promise<object> {
    const files = await this.#deps.storages.open({ ...account, access: undefined });
    try {
      return await task(files);
    } finally {
      files.close();
    }
  }
}

function trashFacts({ id, path, kind, reason, sizeBytes, ...item }: TrashItem): TrashFacts {
  const deletedAt = new Date(item.deletedAtMs).toISOString();
  const expiresAt = new Date(item.expiresAtMs).toISOString();
  const { isCharged } = item;
  return { id, path, kind, reason, sizeBytes, isCharged, deletedAt, expiresAt };
}
