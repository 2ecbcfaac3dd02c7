/** Files of an account that are being read, by the numbers of their inodes. */
export class OpenReads {
  readonly #counts = new Map<number, number>();

  has(ino: number): boolean {
    return this.#counts.has(ino);
  }

  begin(ino: number): void {
    this.#counts.set(ino, (this.#counts.get(ino) ?? 0) + 1);
  }

  end(ino: number): void {
    const count = this.#counts.get(ino) ?? 0;
    if (count > 1) this.#counts.set(ino, count - 1);
    else this.#counts.delete(ino);
  }
}
