import type { SessionFiles } from '../files/session-files.ts';
import { type ConnectionContract, FileSystem } from './internals.ts';

/** The session's files for ftp-srv's handlers: everything that reaches a disk goes through the account's jail. */
export class FtpSrvFileSystem extends FileSystem {
  readonly #files: SessionFiles;

  constructor(connection: ConnectionContract, files: SessionFiles) {
    super(connection as never, { root: files.rootPath, cwd: '/' });
    this.#files = files;
  }

  override currentDirectory() {
    return this.#files.currentDirectory();
  }

  override chdir(pathname?: string) {
    return this.#files.chdir(pathname);
  }

  override get(pathname: string) {
    return this.#files.get(pathname);
  }

  override list(pathname?: string) {
    return this.#files.list(pathname);
  }

  override read(pathname: string) {
    return this.#files.read(pathname);
  }

  override write(pathname: string) {
    return this.#files.write(pathname);
  }

  override delete(pathname: string) {
    return this.#files.delete(pathname);
  }

  override mkdir(pathname: string) {
    return this.#files.mkdir(pathname);
  }

  override rename(from: string, to: string) {
    return this.#files.rename(from, to);
  }

  override chmod(pathname: string, mode: string) {
    return this.#files.chmod(pathname, mode);
  }
}
