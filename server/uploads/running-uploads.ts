import type { NameContent } from '../disk/name-content.ts';
import { isWithin, nameOf, type VirtualPath } from '../disk/virtual-path.ts';

export interface RunningUpload {
  /** Identity of its staging file. */
  readonly id: string;
  /** The last component of `path`, which costs nothing to ask for. */
  readonly name: string;
  /** Bytes charged to its account. 0 once its file has been published. */
  readonly chargedBytes: number;
  /** Name of the published file, wherever its directory has been moved to. */
  readonly path: VirtualPath;
  /**
   * Reports that the content of the name has changed.
   *
   * @returns the id of its row in the database, if it has one.
   */
  loseName(): string | undefined;
  /** The file that has the name is the same, with other facts. */
  contentChanged(from: NameContent, to: NameContent): void;
}

/** The uploads of one account that are under way. */
export class RunningUploads {
  readonly #uploads = new Set<RunningUpload>();
  /** Bytes that the account is charged for uploads that are being opened. */
  #openingBytes = 0;
  #ended = 0;

  /** The number of uploads that have ended. */
  get ended(): number {
    return this.#ended;
  }

  /** Bytes charged for all of them, and for those that are being opened. */
  get chargedBytes(): number {
    let sumBytes = this.#openingBytes;
    for (const { chargedBytes } of this.#uploads) sumBytes += chargedBytes;
    return sumBytes;
  }

  hasId(id: string): boolean {
    for (const upload of this.#uploads) if (upload.id === id) return true;
    return false;
  }

  /** Notes what an upload has been charged before it begins, until what this returns is called. */
  opening(chargedBytes: number): () => void {
    this.#openingBytes += chargedBytes;
    return () => {
      this.#openingBytes -= chargedBytes;
    };
  }

  get isEmpty(): boolean {
    return this.#uploads.size === 0;
  }

  begin(upload: RunningUpload): void {
    this.#uploads.add(upload);
  }

  end(upload: RunningUpload): void {
    if (this.#uploads.delete(upload)) this.#ended += 1;
  }

  /** One that is to get a name in `directory`, or below it. */
  findWithin(directory: VirtualPath): RunningUpload | undefined {
    return [...this.#uploads].find(({ path }) => isWithin(directory, path));
  }

  /** All that are to get a name in `directory`, or below it. */
  within(directory: VirtualPath): RunningUpload[] {
    return [...this.#uploads].filter(({ path }) => isWithin(directory, path));
  }

  /** Whether another upload is going to have this last component, in any directory. */
  hasOther(name: string, exceptId: string): boolean {
    for (const upload of this.#uploads) {
      if (upload.name === name && upload.id !== exceptId) return true;
    }
    return false;
  }

  /** All that are to get this name. */
  at(path: VirtualPath): RunningUpload[] {
    const name = nameOf(path);
    return [...this.#uploads].filter((upload) => upload.name === name && upload.path === path);
  }

  contentChanged(from: NameContent, to: NameContent): void {
    for (const upload of this.#uploads) upload.contentChanged(from, to);
  }
}
