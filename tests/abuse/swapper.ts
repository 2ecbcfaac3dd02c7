import { Worker } from 'node:worker_threads';

/** Three names: what lies at `place` is exchanged with a symbolic link, over and over. */
export interface Swap {
  readonly place: string;
  readonly link: string;
  readonly spare: string;
}

const LOOP = `
const { renameSync } = require('node:fs');
const { workerData, parentPort } = require('node:worker_threads');
let isOver = false;
let rounds = 0;
parentPort.on('message', () => { isOver = true; });
function rename(from, to) {
  // Clients remove and rename things here meanwhile.
  try { renameSync(from, to); } catch {}
}
function round() {
  for (const { place, link, spare } of workerData) {
    rename(place, spare);
    rename(link, place);
    rename(place, link);
    rename(spare, place);
  }
  rounds += 1;
  if (isOver) parentPort.postMessage(rounds);
  else setImmediate(round);
}
round();
`;

/** Exchanges files and links from a thread of its own, as an attacker with a shell on the server would. */
export class Swapper {
  readonly #worker: Worker;

  constructor(swaps: readonly Swap[]) {
    this.#worker = new Worker(LOOP, { eval: true, workerData: swaps, execArgv: [] });
  }

  /** Stops with everything back in its place, and tells how often things were exchanged. */
  async stop(): Promise<number> {
    const rounds = new Promise<number>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('stop');
    const result = await rounds;
    await this.#worker.terminate();
    return result;
  }
}
