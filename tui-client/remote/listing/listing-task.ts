import { GapFinder, IncompleteListing } from '../../files/listing.ts';
import { type Entry, joinPath } from '../../files/place.ts';
import type { ControlConnection } from '../connection/control-connection.ts';
import type { NameCoding, NameEncoding } from '../connection/name-encoding.ts';
import type { LoggedIn, SessionLink } from '../connection/session-link.ts';
import { Receiver } from '../data/receiver.ts';
import { runTransfer } from '../data/run-transfer.ts';
import { isFailure } from '../remote-failure.ts';
import type { BatchQueue } from './batch-queue.ts';
import { ClockSample } from './clock-sample.ts';
import { refusesEmptyDirectory } from './empty-listing.ts';
import { LineCutter, type ListingLine } from './line-cutter.ts';
import type { LineReader } from './line-reader.ts';
import { ListReader } from './list-reader.ts';
import { noteCutLine, noteReply } from './listing-gaps.ts';
import { MachineReader } from './listing-parser.ts';
import type { ServerClock } from './server-clock.ts';

const BUFFER_BYTES = 64 * 1024;
/** Number of entries that are parsed at a time: a few milliseconds. */
const BATCH_ENTRIES = 500;
/** Batches that wait for a reader that itself waits for the connection: then the listing must end first. */
const MAX_HELD_BATCHES = 4000;

/** A server that has nothing to send may never open the data connection, nor end it. */
const SILENCE_MS = 2000;

type Batch = readonly Entry[];

interface Reading {
  readonly reader: LineReader;
  readonly gaps: GapFinder;
  readonly names: NameEncoding;
  /** Of LIST: MLSD has times in UTC. */
  readonly clock?: ServerClock;
}

/** One listing of a directory, whose batches go into a queue while they arrive. */
export class ListingTask {
  readonly #link: SessionLink;
  readonly #queue: BatchQueue<Batch>;
  readonly #path: string;
  readonly #signal: AbortSignal;
  /** Entries that were returned already, in case the connection is lost and the listing starts again. */
  readonly #names = new Map<string, NameCoding>();
  readonly #sample = new ClockSample();
  #heldBatches = 0;
  #isParsing = false;
  /** Whether octets of the listing that is being read have come. */
  #hasReceived = false;
  /** Reply to `LIST -a` that brought nothing: it does not show whether the server understands the option. */
  #silence: string | undefined;

  constructor(parts: {
    link: SessionLink;
    queue: BatchQueue<Batch>;
    path: string;
    signal: AbortSignal;
  }) {
    this.#link = parts.link;
    this.#queue = parts.queue;
    this.#path = parts.path;
    this.#signal = parts.signal;
  }

  async run({ control, capabilities }: LoggedIn): Promise<void> {
    if (capabilities.hasMachineListing) {
      if (await this.#listFacts(control)) return;
      capabilities.noteRefusedMachineListing();
    }
    // Some servers answer LIST of a missing directory with an empty listing.
    await this.#enter(control);
    if (control.listCommand !== 'LIST' && (await this.#list(control, 'LIST -a'))) return;
    await this.#list(control, 'LIST');
  }

  async #enter(control: ControlConnection): Promise<void> {
    await control.command(`CWD ${this.#path}`, { signal: this.#signal, purpose: this.#purpose });
  }

  /** False if the server does not know MLSD, although FEAT lists it. */
  async #listFacts(control: ControlConnection): Promise<boolean> {
    const gaps = new GapFinder();
    const reading = { reader: new MachineReader(gaps), gaps, names: control.names };
    try {
      await this.#read(control, `MLSD ${this.#path}`, reading);
    } catch (error) {
      if (isUnknownCommand(error) && !this.#hasReceived) return false;
      if (!this.#isEmpty(error)) throw error;
      await this.#enter(control);
    }
    this.#checkComplete(gaps);
    return true;
  }

  /** Whether the server refuses to list the directory only because nothing is in it. */
  #isEmpty(error: unknown): boolean {
    if (!isFailure(error) || this.#hasReceived) return false;
    return refusesEmptyDirectory(error, { path: this.#path, purpose: this.#purpose });
  }

  /** False if the server does not understand `-a`, as far as one can see. */
  async #list(control: ControlConnection, command: 'LIST -a' | 'LIST'): Promise<boolean> {
    const gaps = new GapFinder();
    const reader = new ListReader(gaps, Date.now() + control.clock.offsetMs);
    const { clock, names } = control;
    const isTried = command === 'LIST -a' && control.listCommand === undefined;
    try {
      await this.#read(control, command, { reader, gaps, names, clock });
    } catch (error) {
      // Some refuse to list an empty directory, whatever the command: only LIST can show that it was `-a`.
      if (isTried && isRefused(error)) return false;
      if (!this.#isEmpty(error)) throw error;
    }
    await this.#handAll(await this.#sample.settle(control, this.#path, this.#signal));
    if (isTried && !reader.hasUnderstood) {
      this.#silence = gaps.gaps?.silence;
      return false;
    }
    if (this.#silence !== undefined) gaps.silent(this.#silence);
    // An empty directory shows nothing with either command.
    else if (reader.hasUnderstood) control.listCommand = command;
    this.#checkComplete(gaps);
    return true;
  }

  get #purpose(): string {
    return `Could not list ${this.#path}`;
  }

  #checkComplete({ gaps }: GapFinder): void {
    if (gaps !== undefined) throw new IncompleteListing(this.#path, gaps);
  }

  async #read(control: ControlConnection, command: string, reading: Reading): Promise<void> {
    const lines = new LineCutter(reading.names);
    this.#hasReceived = false;
    const receiver = new Receiver({
      bufferBytes: BUFFER_BYTES,
      sink: (octets) => this.#take(lines.push(octets), reading),
      onReceived: () => {
        this.#hasReceived = true;
      },
    });
    const reply = await runTransfer(control, {
      command,
      signal: this.#signal,
      receiver,
      purpose: this.#purpose,
      isOurTurn: () => this.#isParsing,
      silenceMs: SILENCE_MS,
    });
    await this.#take(lines.end(), reading);
    reading.reader.end();
    noteReply(reply, reading.gaps, receiver.hasEnded ? 'ended' : 'silent');
  }

  async #take(lines: Iterable<ListingLine>, reading: Reading): Promise<void> {
    const { reader, gaps, names, clock } = reading;
    const hand = (batch: Batch) => this.#hand(clock ? this.#sample.add(batch, clock) : batch);
    this.#isParsing = true;
    let batch: Entry[] = [];
    for (const { text, encoding, isWhole } of lines) {
      if (!isWhole) noteCutLine(text, gaps);
      const entry = isWhole ? reader.read(text) : undefined;
      if (entry === undefined) continue;
      const known = this.#names.get(entry.name);
      // Two names that only their octets tell apart: the second cannot be addressed.
      if (known !== undefined && known !== encoding) gaps.notUnderstood(text);
      if (known !== undefined) continue;
      this.#names.set(entry.name, encoding);
      names.remember(joinPath(this.#path, entry.name), encoding);
      batch.push(entry);
      if (batch.length < BATCH_ENTRIES) continue;
      await hand(batch);
      batch = [];
    }
    if (batch.length > 0) await hand(batch);
    this.#isParsing = false;
  }

  async #handAll(entries: readonly Entry[]): Promise<void> {
    for (let at = 0; at < entries.length; at += BATCH_ENTRIES) {
      await this.#hand(entries.slice(at, at + BATCH_ENTRIES));
    }
  }

  async #hand(batch: Batch): Promise<void> {
    if (batch.length === 0) return;
    this.#queue.push(batch);
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#queue.isFull && !this.#signal.aborted) {
      if (this.#link.lock.isWanted && this.#heldBatches < MAX_HELD_BATCHES) {
        this.#heldBatches += 1;
        return;
      }
      await Promise.race([this.#queue.room(), this.#link.lock.wanted(), aborted(this.#signal)]);
    }
  }
}

/** Whether the server has said no, and not that it cannot at this moment. */
function isRefused(error: unknown): boolean {
  return isFailure(error) && error.code !== undefined && error.kind !== 'network';
}

function isUnknownCommand(error: unknown): boolean {
  return isFailure(error) && (error.code === 500 || error.code === 502);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
