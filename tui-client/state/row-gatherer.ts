import type { Entry } from '../files/place.ts';
import { type KnownTypes, mergeRows, type Row, rowsByName } from './row-order.ts';

/** Puts entries in order of name while they arrive: however many come, no step takes long. */
export class RowGatherer {
  /** Each in order, and more than twice as long as the next. */
  #runs: Row[][] = [];
  readonly #types: KnownTypes = new Map();

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  add(entries: readonly Entry[]): void {
    if (entries.length > 0) this.#append(rowsByName(entries, this.#types));
  }

  /** All that came since the last time. */
  take(): readonly Row[] {
    const rows = this.#runs.reduceRight((short, long) => merged(long, short), []);
    this.#runs = [];
    return rows;
  }

  #append(rows: Row[]): void {
    let run = rows;
    for (let last = this.#runs.at(-1); last !== undefined; last = this.#runs.at(-1)) {
      if (last.length > 2 * run.length) break;
      run = merged(last, run);
      this.#runs.pop();
    }
    this.#runs.push(run);
  }
}

function merged(sorted: readonly Row[], batch: readonly Row[]): Row[] {
  return mergeRows({ sorted, batch, sort: { by: 'name', direction: 'up' } });
}
