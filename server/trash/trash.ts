import { randomUUID } from 'node:crypto';
import { existsSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { ignoreMissing, lstat, makeDirectory, removeDirectory, removeFile } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import type { TrashItem } from './trash-item.ts';
import { TrashItems } from './trash-items.ts';
import type { TrashRows } from './trash-rows.ts';

/** Items of one account. Beyond that the oldest one goes. */
export const MAX_TRASH_ITEMS = 10_000;

/** Parts that the trashes of all accounts share. */
export interface TrashDeps {
  readonly rows: Pick<TrashRows, 'save' | 'remove'>;
  /** Whether the bytes of what is deleted from now on count in the quota. */
  readonly isCharging: boolean;
  readonly now: () => number;
  /** Time for which deleted files of accounts without a time of their own are kept; 0 if they are not. */
  readonly defaultKeepMs: () => number;
  /** Reports an item that could not be kept or removed. */
  readonly onError: (error: unknown) => void;
}

interface TrashOptions extends TrashDeps {
  readonly accountId: number;
  /** Path of the account's directory, on the file system of its home. */
  readonly directory: string;
  /** Items of earlier runs, the oldest first. */
  readonly known: readonly TrashItem[];
  /** Gives bytes back to the account. */
  readonly refund: (bytes: number) => void;
}

/** What an item is made of. */
interface NewItem {
  readonly path: VirtualPath;
  readonly stats: Stats;
  readonly reason: TrashItem['reason'];
}

/**
 * The files, links and directories that an account has deleted or replaced, and can get back for a time. Like partial
 * uploads, they are kept in memory and in the database, count in the quota, and are dropped when the account needs
 * room. All changes come with the account's `nameLock` held.
 *
 * The row of an item is written before its file comes here: a crash in between leaves a row without a file, which goes
 * at the next start.
 */
export class Trash {
  /** Time that is set for the account; undefined for that of the server. */
  ownKeepMs: number | undefined;
  readonly #options: TrashOptions;
  readonly #items = new TrashItems();
  /** Items that are being restored, or cannot be removed. */
  readonly #held = new Set<string>();

  constructor(options: TrashOptions) {
    this.#options = options;
    for (const item of options.known) this.#items.set(item);
  }

  /** Time for which what the account deletes is kept; 0 if it is not kept. */
  get keepMs(): number {
    return this.ownKeepMs ?? this.#options.defaultKeepMs();
  }

  get isOn(): boolean {
    return this.keepMs > 0;
  }

  get count(): number {
    return this.#items.count;
  }

  /** Bytes that the account is charged for. */
  get chargedBytes(): number {
    return this.#items.chargedBytes;
  }

  /** All items, the oldest first. */
  values(): Iterable<TrashItem> {
    return this.#items.values();
  }

  get(id: string): TrashItem | undefined {
    return this.#items.get(id);
  }

  pathOf({ id }: Pick<TrashItem, 'id'>): string {
    return join(this.#options.directory, id);
  }

  /**
   * Begins an item: its row and its place exist when this resolves, its file does not yet.
   *
   * @returns undefined if the account has been removed.
   * @throws the error of the system if there is no directory for it.
   */
  async begin({ path, stats, reason }: NewItem): Promise<TrashItem | undefined> {
    const { directory, rows, accountId, isCharging, now } = this.#options;
    // An administrator may have emptied all trashes by hand.
    if (!existsSync(directory)) await makeOwnDirectory(directory);
    const deletedAtMs = now();
    const item: TrashItem = {
      ...{ id: randomUUID(), number: this.#items.nextNumber(), path, reason, kind: kindOf(stats) },
      ...{ sizeBytes: stats.isFile() ? stats.size : 0, isCharged: isCharging },
      ...{ deletedAtMs, expiresAtMs: deletedAtMs + this.keepMs },
    };
    return (await rows.save({ ...item, accountId })) ? item : undefined;
  }

  /** The file of an item that was begun is here now. Drops the oldest ones if there are too many. */
  async add(item: TrashItem): Promise<void> {
    this.#items.set(item);
    while (this.count > MAX_TRASH_ITEMS && (await this.dropOldest('any')));
  }

  /** The file of an item that was begun has stayed where it was. */
  async abandon({ id }: TrashItem): Promise<void> {
    await this.#options.rows.remove([id]);
  }

  /** Reports something that is removed for good because the disk is full. */
  reportLost(error: unknown): void {
    this.#options.onError(error);
  }

  /**
   * Looks at the files of all items, which an administrator may have removed, and other programs written to. The account's
   * charge is left alone: only a recount, which then corrects it, may call this.
   */
  async measure(): Promise<void> {
    for await (const batch of inBatches([...this.#items.values()])) {
      for (const item of batch) await this.#measure(item);
    }
  }

  async #measure(item: TrashItem): Promise<void> {
    const stats = await lstat(this.pathOf(item));
    if (stats === undefined) return this.restored(item);
    const sizeBytes = stats.isFile() ? stats.size : 0;
    if (sizeBytes === item.sizeBytes) return;
    const measured = { ...item, sizeBytes };
    this.#items.set(measured);
    await this.#options.rows.save({ ...measured, accountId: this.#options.accountId });
  }

  /** Keeps an item from being dropped, until what this returns is called; undefined if that is so already. */
  hold({ id }: TrashItem): (() => void) | undefined {
    if (this.#held.has(id)) return undefined;
    this.#held.add(id);
    return () => this.#held.delete(id);
  }

  isHeld({ id }: TrashItem): boolean {
    return this.#held.has(id);
  }

  /** The file of an item has got a name again, or is gone. What is charged for it stays. */
  async restored({ id }: TrashItem): Promise<void> {
    this.#items.delete(id);
    await this.#options.rows.remove([id]);
  }

  /**
   * Drops an item for good, and gives its space back.
   *
   * @returns false if it cannot be removed. It is reported, and left alone from then on.
   */
  async drop(item: TrashItem): Promise<boolean> {
    return (await this.dropAll([item])) === 1;
  }

  /** Drops items for good. @returns how many have gone. */
  async dropAll(items: readonly TrashItem[]): Promise<number> {
    const gone: string[] = [];
    for (const { id } of items) {
      const item = this.#items.get(id);
      if (item !== undefined && (await this.#remove(item))) gone.push(id);
    }
    if (gone.length > 0) await this.#options.rows.remove(gone);
    return gone.length;
  }

  /**
   * Drops the oldest item that is charged, or any.
   *
   * @returns false if there is none.
   */
  async dropOldest(which: 'charged' | 'any'): Promise<boolean> {
    for (const item of this.#items.values()) {
      if (which === 'charged' && !(item.isCharged && item.sizeBytes > 0)) continue;
      if (!this.#held.has(item.id) && (await this.drop(item))) return true;
    }
    return false;
  }

  async #remove(item: TrashItem): Promise<boolean> {
    const path = this.pathOf(item);
    try {
      if (item.kind === 'directory') await removeDirectory(path).catch(ignoreMissing);
      else await removeFile(path, item.sizeBytes).catch(ignoreMissing);
    } catch (error) {
      this.#held.add(item.id);
      this.#options.onError(error);
      return false;
    }
    this.#items.delete(item.id);
    if (item.isCharged) this.#options.refund(item.sizeBytes);
    return true;
  }
}

/** Nothing more than two levels: in a home whose file system is not mounted, nothing must be created. */
async function makeOwnDirectory(directory: string): Promise<void> {
  for (const path of [dirname(directory), directory]) {
    await makeDirectory(path, { mode: 0o700 }).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
  }
}

function kindOf(stats: Stats): TrashItem['kind'] {
  if (stats.isFile()) return 'file';
  return stats.isDirectory() ? 'directory' : 'other';
}
