import type { VirtualPath } from '../disk/virtual-path.ts';
import type { TrashItem } from '../trash/trash-item.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { KeptFiles } from './kept-files.ts';
import type { Mountpoint } from './mountpoint.ts';
import type { UserFileSystem } from './user-file-system.ts';

/** The tree of the working directory of a session. */
interface TreeHere {
  readonly tree: UserFileSystem;
  /** Undefined outside of shared folders. */
  readonly mountpoint: Mountpoint | undefined;
}

interface Deps {
  readonly here: () => TreeHere;
  /** @throws FileNameNotAllowedError if the path does not lie in the tree of the working directory. */
  readonly requireHere: (path: VirtualPath) => void;
  readonly resolve: (pathname: string) => VirtualPath;
}

/** What a session with shared folders can reach by ids: that of the home, or of the folder in which it works. */
export class KeptInFolders implements Pick<KeptFiles, keyof KeptFiles> {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  lists(partial: PartialUpload): boolean {
    return this.#deps.here().tree.kept.lists(partial);
  }

  dropPartial(id: string): Promise<PartialUpload> {
    return this.#in(async ({ tree, mountpoint }) =>
      withShownPath(await tree.kept.dropPartial(id), mountpoint),
    );
  }

  recoverPartial(id: string, pathname: string): Promise<VirtualPath> {
    const path = this.#deps.resolve(pathname);
    this.#deps.requireHere(path);
    return this.#in(async ({ tree, mountpoint }) => {
      await tree.kept.recoverPartial(id, mountpoint?.inner(path) ?? path);
      return path;
    });
  }

  get deletedItems(): readonly TrashItem[] {
    const { tree, mountpoint } = this.#deps.here();
    return tree.kept.deletedItems.map((item) => withShownPath(item, mountpoint));
  }

  restoreDeleted(id: string, pathname?: string): Promise<VirtualPath> {
    const path = pathname === undefined ? undefined : this.#deps.resolve(pathname);
    if (path !== undefined) this.#deps.requireHere(path);
    return this.#in(async ({ tree, mountpoint }) => {
      const inner = path && (mountpoint?.inner(path) ?? path);
      const restored = await tree.kept.restoreDeleted(id, inner);
      return mountpoint?.shown(restored) ?? restored;
    });
  }

  dropDeleted(id: string): Promise<TrashItem> {
    return this.#in(async ({ tree, mountpoint }) =>
      withShownPath(await tree.kept.dropDeleted(id), mountpoint),
    );
  }

  emptyTrash(): Promise<{ readonly items: number; readonly bytes: number }> {
    return this.#in(({ tree }) => tree.kept.emptyTrash());
  }

  async #in<Result>(task: (here: TreeHere) => Promise<Result>): Promise<Result> {
    const here = this.#deps.here();
    try {
      return await task(here);
    } catch (error) {
      throw here.mountpoint?.shownFailure(error) ?? error;
    }
  }
}

function withShownPath<Kept extends { readonly path: VirtualPath }>(
  kept: Kept,
  mountpoint: Mountpoint | undefined,
): Kept {
  return mountpoint === undefined ? kept : { ...kept, path: mountpoint.shown(kept.path) };
}
