/** Which targets are being written, so that two jobs never write one file. */
export class TargetClaims {
  readonly #paths = new Set<string>();

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Whether it is the caller's now. */
  claim(path: string): boolean {
    if (this.#paths.has(path)) return false;
    this.#paths.add(path);
    return true;
  }

  release(path: string): void {
    this.#paths.delete(path);
  }
}
