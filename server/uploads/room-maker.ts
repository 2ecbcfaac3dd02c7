import type { Usage } from '../../db/quota-repository.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';

/** An account, and what it has no room for. */
export interface RoomRequest {
  readonly accountId: number;
  readonly wanted: Usage;
  /** Name that needs the room, without symbolic links. */
  readonly path: VirtualPath;
}

/** Deletes files that an account would rather lose than be refused an upload; see retention/oldest-first.ts. */
export interface RoomMaker {
  /**
   * Deletes files until there is room; nothing if there cannot be enough. Call it without `nameLock`.
   *
   * @returns whether there is room; others may take it before the caller does.
   */
  makeRoom(request: RoomRequest): Promise<boolean>;
  /** Whether `makeRoom` would find enough. Deletes nothing. */
  canMakeRoom(request: RoomRequest): Promise<boolean>;
  /** Whether the account has any rule by which files are deleted for an upload. */
  isFor(accountId: number): Promise<boolean>;
}

/** Old files of one account, which may be deleted for its uploads. */
export class OldFiles {
  readonly #accountId: number;
  readonly #roomMaker: () => RoomMaker | undefined;

  /** @param roomMaker asked each time; none if no files are deleted. */
  constructor(accountId: number, roomMaker: () => RoomMaker | undefined) {
    this.#accountId = accountId;
    this.#roomMaker = roomMaker;
  }

  /** See {@link RoomMaker.makeRoom}. */
  async makeRoom(wanted: Usage, path: VirtualPath): Promise<boolean> {
    const accountId = this.#accountId;
    return (await this.#roomMaker()?.makeRoom({ accountId, wanted, path })) ?? false;
  }

  /** See {@link RoomMaker.canMakeRoom}. */
  async canMakeRoom(wanted: Usage, path: VirtualPath): Promise<boolean> {
    const accountId = this.#accountId;
    return (await this.#roomMaker()?.canMakeRoom({ accountId, wanted, path })) ?? false;
  }

  /** Whether they are deleted for uploads to any directory. */
  async mayMakeRoom(): Promise<boolean> {
    return (await this.#roomMaker()?.isFor(this.#accountId)) ?? false;
  }
}
