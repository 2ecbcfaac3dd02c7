/** What a run has done and checked, for its report. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly findings: string[] = [];

  add(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  find(what: string): void {
    this.findings.push(what);
  }

  get counts(): readonly (readonly [string, number])[] {
    return [...this.#counts];
  }
}
