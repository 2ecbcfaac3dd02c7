import { UnknownUploads } from './unknown-uploads.ts';

/** The unknown uploads of each staging directory: that of the root, and those in homes that are elsewhere. */
export class UnknownAreas {
  readonly #areas = new Map<string, UnknownUploads>();

  of(stagingDir: string): UnknownUploads {
    const area = this.#areas.get(stagingDir) ?? new UnknownUploads(stagingDir);
    this.#areas.set(stagingDir, area);
    return area;
  }

  all(): Iterable<UnknownUploads> {
    return this.#areas.values();
  }
}
