import type { FolderMount } from '../../db/folder-mount.ts';
import type { Access } from './access.ts';
import type { Mountpoint } from './mountpoint.ts';
import type { UserFileSystem } from './user-file-system.ts';

/** A shared folder of a session. It is opened when it is first needed, and again after it was not available. */
export class MountedFolder {
  /** As the database has it. */
  readonly mount: FolderMount;
  readonly mountpoint: Mountpoint;
  readonly #openTree: (access: Access) => Promise<UserFileSystem | undefined>;
  #access: Access;
  #opening: Promise<UserFileSystem | undefined> | undefined;
  #opened: UserFileSystem | undefined;
  #umask: number | undefined;

  constructor({
    mount,
    mountpoint,
    access,
    openTree,
    umask,
  }: {
    readonly mount: FolderMount;
    readonly mountpoint: Mountpoint;
    /** Of the session. */
    readonly access: Access;
    readonly openTree: (access: Access) => Promise<UserFileSystem | undefined>;
    /** Set by the session. */
    readonly umask: number | undefined;
  }) {
    this.mount = mount;
    this.mountpoint = mountpoint;
    this.#access = mountpoint.access(access);
    this.#openTree = openTree;
    this.#umask = umask;
  }

  /** What the session may do in it. */
  get access(): Access {
    return this.#access;
  }

  /** The tree, if it has been opened. */
  get opened(): UserFileSystem | undefined {
    return this.#opened;
  }

  async open(): Promise<UserFileSystem | undefined> {
    if (this.#opened !== undefined) return this.#opened;
    this.#opening ??= this.#open();
    return await this.#opening;
  }

  /** @param access of the session. */
  setAccess(access: Access): void {
    this.#access = this.mountpoint.access(access);
    this.#opened?.setAccess(this.#access);
  }

  setUmask(umask: number): void {
    this.#umask = umask;
    this.#opened?.setUmask(umask);
  }

  close(): void {
    this.#opened?.close();
  }

  async #open(): Promise<UserFileSystem | undefined> {
    try {
      this.#opened = await this.#openTree(this.#access);
      this.#opened?.setAccess(this.#access);
      if (this.#umask !== undefined) this.#opened?.setUmask(this.#umask);
      return this.#opened;
    } finally {
      this.#opening = undefined;
    }
  }
}
