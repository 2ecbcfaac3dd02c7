import { Worker } from 'node:worker_threads';
import type { RunningDigest } from '../../files/digest.ts';

/** Chunks that wait for the thread: enough for it never to wait, and few enough to be hashed in milliseconds. */
const SLOTS = 16;
const SLOT_BYTES = 512 * 1024;

/** Fields of a slot: what to do, for which digest, with how many octets. */
const SLOT_FIELDS = 3;
const [UPDATE, TELL, FORGET] = [0, 1, 2];

/** Counters of the slots that were filled, and of those that are done. */
const [FILLED, DONE] = [0, 1];

const HEX_BYTES = 128;

const NOTHING = new Uint8Array(0);

/** A thread that could not be started never answers. */
const PATIENCE_MS = 30_000;

/** Runs in the thread, which has no module of its own: it would have to be found from sources and bundles alike. */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { workerData } = require('node:worker_threads');
const { counters, fields, octets, hex, slots, slotBytes } = workerData;
const hashes = new Map();
for (let done = 0; ; done++) {
  Atomics.wait(counters, ${FILLED}, done);
  const slot = done % slots;
  const [task, id, length] = fields.subarray(slot * ${SLOT_FIELDS}, (slot + 1) * ${SLOT_FIELDS});
  const part = Buffer.from(octets.buffer, slot * slotBytes, length);
  if (task === ${UPDATE} && !hashes.has(id)) hashes.set(id, createHash(part.toString()));
  else if (task === ${UPDATE}) hashes.get(id).update(part);
  else if (task === ${TELL}) hex.set(Buffer.from(hashes.get(id).copy().digest('hex').padEnd(${HEX_BYTES})));
  else hashes.delete(id);
  Atomics.store(counters, ${DONE}, done + 1);
  Atomics.notify(counters, ${DONE});
}`;

/**
 * A thread that hashes what is transferred while this one goes on transferring. Octets are copied to it through shared memory,
 * which takes a fifth of the time of hashing them. If it is slower than the transfer, this thread waits for it.
 */
class HashThread {
  readonly #counters = new Int32Array(new SharedArrayBuffer(2 * 4));
  readonly #fields = new Int32Array(new SharedArrayBuffer(SLOTS * SLOT_FIELDS * 4));
  readonly #octets = new Uint8Array(new SharedArrayBuffer(SLOTS * SLOT_BYTES));
  readonly #hex = new Uint8Array(new SharedArrayBuffer(HEX_BYTES));
  readonly #abandoned = new FinalizationRegistry<number>((id) => this.#put(FORGET, id));
  #filled = 0;
  #lastId = 0;

  constructor() {
    const shared = {
      ...{ counters: this.#counters, fields: this.#fields, octets: this.#octets, hex: this.#hex },
      ...{ slots: SLOTS, slotBytes: SLOT_BYTES },
    };
    const worker = new Worker(PROGRAM, { eval: true, workerData: shared });
    // Callers that wait for it are rejected.
    worker.on('error', () => {}).unref();
  }

  /** @param hashName as Node names it. */
  digest(hashName: string): RunningDigest {
    const id = ++this.#lastId;
    this.#put(UPDATE, id, Buffer.from(hashName));
    const digest = {
      update: (octets: Uint8Array) => this.#update(id, octets),
      hex: () => this.#tell(id),
    };
    this.#abandoned.register(digest, id);
    return digest;
  }

  #update(id: number, octets: Uint8Array): void {
    for (let at = 0; at < octets.length; at += SLOT_BYTES) {
      this.#put(UPDATE, id, octets.subarray(at, at + SLOT_BYTES));
    }
  }

  #tell(id: number): string {
    this.#put(TELL, id);
    this.#waitForDone(this.#filled);
    return Buffer.from(this.#hex).toString().trimEnd();
  }

  #put(task: number, id: number, octets: Uint8Array = NOTHING): void {
    this.#waitForDone(this.#filled - SLOTS + 1);
    const slot = this.#filled % SLOTS;
    this.#octets.set(octets, slot * SLOT_BYTES);
    this.#fields.set([task, id, octets.length], slot * SLOT_FIELDS);
    this.#filled += 1;
    Atomics.store(this.#counters, FILLED, this.#filled);
    Atomics.notify(this.#counters, FILLED);
  }

  #waitForDone(count: number): void {
    for (;;) {
      const done = Atomics.load(this.#counters, DONE);
      if (done >= count) return;
      if (Atomics.wait(this.#counters, DONE, done, PATIENCE_MS) === 'timed-out') {
        throw new Error('The thread that computes checksums does not answer.');
      }
    }
  }
}

let thread: HashThread | undefined;

/** A digest that a thread of its own computes. It is the same thread for all. */
export function threadedDigest(hashName: string): RunningDigest {
  thread ??= new HashThread();
  return thread.digest(hashName);
}
