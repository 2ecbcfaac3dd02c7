import { ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import type { TrashItem } from '../trash/trash-item.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { LiveAccess } from '../uploads/upload-policy.ts';
import type { Access } from './access.ts';
import { dropPartial, isListed, recoverPartial } from './partial-changes.ts';
import { deletedItems, dropItem, emptyTrash, restoreItem } from './trash-changes.ts';
import type { Writing } from './writing.ts';

interface Tree {
  readonly access: LiveAccess<Access>;
  readonly resolve: (pathname: string) => VirtualPath;
  /** @throws NotPermittedError if the account can only read. */
  readonly requireWriting: () => Writing;
  /** Called before a change that begins with no pathname. */
  readonly requireHome: () => void;
  /** Runs a task on a path, with failures as the client may know them. */
  readonly onPath: <Result>(
    path: VirtualPath,
    task: (path: VirtualPath) => Promise<Result>,
  ) => Promise<Result>;
}

/** What a session can reach by ids: the cut uploads of an account, and what it has deleted. */
export class KeptFiles {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Whether the client may know of a partial upload. */
  lists(partial: PartialUpload): boolean {
    return isListed(this.#tree.access.current, partial);
  }

  /** Removes a partial upload, shown under a name or not. */
  dropPartial(id: string): Promise<PartialUpload> {
    return dropPartial(this.#requireNames(), id);
  }

  /** Shows a partial upload under a name that nothing has. */
  recoverPartial(id: string, pathname: string): Promise<VirtualPath> {
    return this.#tree.onPath(this.#tree.resolve(pathname), async (path) => {
      await recoverPartial(this.#tree.requireWriting().names, id, path);
      return path;
    });
  }

  /** What the session may restore, the oldest first. */
  get deletedItems(): readonly TrashItem[] {
    return deletedItems(this.#tree.requireWriting().names);
  }

  /**
   * Gives an item of the trash a name that nothing has: its former one, unless another is given.
   *
   * @throws the errors of {@link restoreItem}.
   */
  async restoreDeleted(id: string, pathname?: string): Promise<VirtualPath> {
    const given = pathname === undefined ? undefined : this.#tree.resolve(pathname);
    const { names, storage, upload } = this.#tree.requireWriting();
    const item = storage.space.trash.get(id);
    // What the session may not know of has no path to it.
    const isKnown = item !== undefined && this.#tree.access.current.seesDeleted(item.path);
    const path = given ?? (isKnown ? item.path : ROOT);
    const { rules } = upload;
    return await this.#tree.onPath(path, () => restoreItem(names, { id, given, rules }));
  }

  /** Removes an item of the trash for good. */
  dropDeleted(id: string): Promise<TrashItem> {
    return dropItem(this.#requireNames(), id);
  }

  /** Removes for good all that the trash holds. */
  emptyTrash(): Promise<{ readonly items: number; readonly bytes: number }> {
    return emptyTrash(this.#requireNames());
  }

  #requireNames() {
    this.#tree.requireHome();
    return this.#tree.requireWriting().names;
  }
}
