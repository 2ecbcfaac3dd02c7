import { UnknownUploads } from './unknown-uploads.ts';

/** The unknown files of each staging directory, or trash: that of the root, and those in homes that are elsewhere. */
export class UnknownAreas {
  readonly #what: UnknownUploads['what'];
  readonly #areas = new Map<string, UnknownUploads>();

  constructor(what: UnknownUploads['what'] = 'unfinished uploads') {
    this.#what = what;
  }

  of(stagingDir: string): UnknownUploads {
    const area = this.#areas.get(stagingDir) ?? new UnknownUploads(stagingDir, this.#what);
    this.#areas.set(stagingDir, area);
    return area;
  }

  all(): Iterable<UnknownUploads> {
    return this.#areas.values();
  }
}
