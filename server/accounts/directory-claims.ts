import { dirname } from 'node:path';

/** A directory that belongs to something. */
export interface DirectoryClaim {
  /** Absolute and without symbolic links. */
  readonly directory: string;
  /** Text for the administrator. */
  readonly holder: string;
  /** The account whose home it is. */
  readonly username?: string;
}

/** Directories that may have no files in common. A search takes as long as the path is deep, however many there are. */
export class DirectoryClaims {
  readonly #claims = new Map<string, DirectoryClaim>();
  /** For each directory that holds claimed ones, the first of them. */
  readonly #within = new Map<string, DirectoryClaim>();

  add(claim: DirectoryClaim): void {
    this.#claims.set(claim.directory, claim);
    for (const directory of withAncestors(claim.directory)) {
      if (!this.#within.has(directory)) this.#within.set(directory, claim);
    }
  }

  /** A claimed directory that holds the given one, or lies in it, or is the same. */
  overlapping(directory: string): DirectoryClaim | undefined {
    for (const above of withAncestors(directory)) {
      const claim = this.#claims.get(above);
      if (claim !== undefined) return claim;
    }
    return this.#within.get(directory);
  }
}

function withAncestors(directory: string): readonly string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...withAncestors(parent)];
}
