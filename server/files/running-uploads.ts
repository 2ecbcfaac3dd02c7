import { isWithin, type VirtualPath } from './virtual-path.ts';

interface RunningUpload {
  /** The name that it will have, wherever its directory has gone meanwhile. */
  readonly path: VirtualPath;
}

/** The uploads of one account that are under way. */
export class RunningUploads {
  readonly #uploads = new Set<RunningUpload>();

  begin(upload: RunningUpload): void {
    this.#uploads.add(upload);
  }

  end(upload: RunningUpload): void {
    this.#uploads.delete(upload);
  }

  /** One that is to get a name in `directory`, or below it. */
  findWithin(directory: VirtualPath): RunningUpload | undefined {
    return [...this.#uploads].find(({ path }) => isWithin(directory, path));
  }
}
