import type { HeldDirectories } from '../disk/held-directories.ts';
import { nameOf, parentOf, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, NotPermittedError, naming } from '../errors/errors.ts';
import { canonicalPath } from '../uploads/partial-places.ts';
import type { LiveAccess } from '../uploads/upload-policy.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';
import type { Access } from './access.ts';
import type { Act } from './acts.ts';

/** A name that a change is about. */
export interface Name {
  /** Path as the client knows it. */
  readonly path: VirtualPath;
  /** Current path without symbolic links; partial uploads are found by it. */
  readonly place: VirtualPath;
  /** Path on disk, through the held directory. */
  readonly entry: string;
}

/** Access to the names of an account's tree, through directories that the session holds open. */
export class NameAccess {
  readonly storage: WritableStorage;
  readonly #access: LiveAccess<Access>;
  readonly #directories: HeldDirectories;

  constructor({
    storage,
    directories,
    access,
  }: { storage: WritableStorage; directories: HeldDirectories; access: LiveAccess<Access> }) {
    this.storage = storage;
    this.#directories = directories;
    this.#access = access;
  }

  get access(): Access {
    return this.#access.current;
  }

  /**
   * Runs a change of a name. They run one at a time per account.
   *
   * @throws NotPermittedError
   */
  async change<Result>(
    path: VirtualPath,
    act: Act,
    task: (name: Name) => Promise<Result>,
  ): Promise<Result> {
    if (path === ROOT) throw new NotPermittedError('The root directory cannot be changed.');
    this.access.require(act, path);
    const isAllowed = this.access.placeCheck(act, path);
    return this.with(path, (name) =>
      this.storage.nameLock.run(async () => {
        isAllowed?.(name.place);
        this.storage.nameLock.version += 1;
        try {
          return await task(name);
        } finally {
          this.storage.nameLock.version += 1;
        }
      }),
    );
  }

  /** Runs `task` on a name, beside other changes. */
  async with<Result>(path: VirtualPath, task: (name: Name) => Promise<Result>): Promise<Result> {
    const { storage } = this;
    const { held, release } = await this.#directories.hold(parentOf(path));
    try {
      return await task({
        path,
        entry: `${held.entryPrefix}${nameOf(path)}`,
        get place() {
          return canonicalPath(path, storage.jail.nameOfHeld(held));
        },
      });
    } finally {
      release();
    }
  }

  /** Takes a name from the uploads that have a claim on it; see `WritableSpace.loseName`. */
  async loseName(place: VirtualPath, exceptId?: string): Promise<void> {
    await this.storage.space.loseName(place, exceptId);
  }
}

/** The refusal of a name that something has. */
export function existing(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(naming`${path}: already exists.`);
}
