import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { RandomSet } from '../collections/random-set.ts';
import { errnoOf, isOutOfFiles } from '../disk/disk-errors.ts';
import { StartError } from '../errors/start-error.ts';
import { PassiveListener, type UnexpectedListener } from './passive-listener.ts';

/** A range of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

interface PoolOptions {
  /** The address that the control connections are accepted on. */
  readonly host: string;
  /** Undefined: the system chooses the ports. */
  readonly range: PortRange | undefined;
  /** Number of ports that may be open at a time. */
  readonly maxOpen: number;
  readonly log: Logger;
  /** Whether only ports in use should be open. */
  readonly isStorm: () => boolean;
  readonly onUnexpected: UnexpectedListener;
}

/** Failures that another port does not have; others, such as too many open files, pass. */
const OF_THE_PORT = new Set(['EADDRINUSE', 'EACCES']);

/** Ports are opened in advance in batches with pauses between them, so that no session waits long. */
const BATCH_PORTS = 8;
const BATCH_PAUSE_MS = 5;

/** Opens passive ports, keeps them open, and draws one at random. */
export class PassivePortPool {
  readonly #options: PoolOptions;
  readonly #listeners = new Map<number, PassiveListener>();
  /** Ports where nothing is expected: open ones and, of a range, also those that are not open yet. */
  readonly #free = new RandomSet<number>();
  #openingCount = 0;
  #growth: 'possible' | 'running' | 'ended' = 'possible';
  /** The port that is being opened in advance. */
  #advance: Promise<void> | undefined;
  #isClosed = false;
  #isOutOfFiles = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { range } = options;
    for (let port = range?.first ?? 1; port <= (range?.last ?? 0); port += 1) this.#free.add(port);
  }

  /** All that are open. */
  get listeners(): Iterable<PassiveListener> {
    return this.#listeners.values();
  }

  /** Whether the last attempt to open a port failed because too many files are open. */
  get isOutOfFiles(): boolean {
    return this.#isOutOfFiles;
  }

  /**
   * Opens the first port.
   *
   * @throws the system's error, or StartError if every port of the range is in use.
   */
  async openFirst(): Promise<void> {
    const { range } = this.#options;
    const listener = range === undefined ? await this.#listen(0) : await this.draw();
    if (listener === undefined) {
      throw new StartError(
        `--pasv-range ${range?.first}-${range?.last}: every port of the range is in use by other programs.`,
        { exitCode: 75 },
      );
    }
    this.#free.add(listener.port);
  }

  /** A random port where nothing is expected, if it is open: for most transfers, in one step. */
  drawOpen(): PassiveListener | undefined {
    if (this.#growth !== 'ended') return undefined;
    const port = this.#free.draw();
    if (port === undefined) return undefined;
    const open = this.#listeners.get(port);
    if (open?.isIdle) return open;
    if (open === undefined) this.#free.add(port);
    return undefined;
  }

  /** A random port where nothing is expected, opened if it was not open; undefined if there is none. */
  async draw(): Promise<PassiveListener | undefined> {
    const chosenBySystem =
      this.#options.range === undefined && this.#hasRoom ? await this.#tryToListen(0) : undefined;
    if (chosenBySystem !== undefined) return chosenBySystem;
    for (let port = this.#free.draw(); port !== undefined; port = this.#free.draw()) {
      const open = this.#listeners.get(port);
      if (open?.isIdle) return open;
      if (open !== undefined) continue;
      const opened = await this.#openDrawn(port);
      if (opened !== undefined) return opened;
      // No port can be opened now, for want of room or of descriptors.
      if (this.#free.has(port)) return this.#anyIdle();
    }
    return undefined;
  }

  /** Takes back a drawn port where nothing is expected any longer. */
  release(listener: PassiveListener): void {
    if (!listener.isIdle || this.#listeners.get(listener.port) !== listener) return;
    this.#free.add(listener.port);
    if (this.#options.isStorm()) this.#shut(listener);
  }

  /** Closes all ports where nothing is expected. They are opened again as they are needed. */
  shutIdle(): void {
    for (const listener of [...this.#listeners.values()]) {
      if (this.#isIdle(listener)) this.#shut(listener);
    }
    if (this.#growth === 'ended') this.#growth = 'possible';
  }

  /** Opens further ports in the background, so that few sessions wait for it. */
  openInAdvance(): void {
    if (this.#growth !== 'possible' || this.#options.isStorm()) return;
    this.#growth = 'running';
    void this.#openUntilFull().then((growth) => {
      this.#growth = growth;
    });
  }

  /** Waits for a port that is being opened in advance. @returns whether there was one. */
  async advanced(): Promise<boolean> {
    const advance = this.#advance;
    await advance;
    return advance !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    await Promise.all(listeners.map((listener) => listener.close()));
  }

  get #hasRoom(): boolean {
    return this.#listeners.size + this.#openingCount < this.#options.maxOpen;
  }

  async #openDrawn(port: number): Promise<PassiveListener | undefined> {
    if (!this.#hasRoom) {
      const idle = this.#anyIdle();
      if (idle === undefined) {
        this.#free.add(port);
        return undefined;
      }
      this.#shut(idle);
    }
    return await this.#tryToListen(port);
  }

  #anyIdle(): PassiveListener | undefined {
    for (const listener of this.#listeners.values()) if (this.#isIdle(listener)) return listener;
    return undefined;
  }

  /** A port that was drawn and expects no client yet is not idle. */
  #isIdle(listener: PassiveListener): boolean {
    return listener.isIdle && this.#free.has(listener.port);
  }

  #shut(listener: PassiveListener): void {
    this.#listeners.delete(listener.port);
    if (this.#options.range === undefined) this.#free.delete(listener.port);
    void listener.close();
  }

  async #openUntilFull(): Promise<'possible' | 'ended'> {
    let count = 0;
    for (const port of this.#portsToOpen()) {
      if (this.#options.isStorm()) {
        if (port !== 0) this.#free.add(port);
        return 'possible';
      }
      const openedBefore = this.#listeners.size;
      this.#advance = this.#openFree(port);
      await this.#advance;
      this.#advance = undefined;
      const hasFailed = this.#listeners.size <= openedBefore;
      if (hasFailed && (port === 0 || this.#free.has(port))) break;
      count += 1;
      if (count % BATCH_PORTS === 0) await wait(BATCH_PAUSE_MS, undefined, { ref: false });
    }
    return 'ended';
  }

  /** While there is room: ports of the range that are not open, or 0 for a port of the system's choice. */
  *#portsToOpen(): Generator<number> {
    const { range } = this.#options;
    if (range === undefined) while (!this.#isClosed && this.#hasRoom) yield 0;
    for (let port = range?.first ?? 1; port <= (range?.last ?? 0); port += 1) {
      if (this.#isClosed || !this.#hasRoom) return;
      if (this.#listeners.has(port) || !this.#free.has(port)) continue;
      this.#free.delete(port);
      yield port;
    }
  }

  async #openFree(port: number): Promise<void> {
    const listener = await this.#tryToListen(port);
    if (listener !== undefined) this.#free.add(listener.port);
  }

  /** Opens a port. One that cannot be used leaves the range; after any other failure it is free as before. */
  async #tryToListen(port: number): Promise<PassiveListener | undefined> {
    try {
      const listener = await this.#listen(port);
      this.#isOutOfFiles = false;
      return listener;
    } catch (error) {
      this.#isOutOfFiles = isOutOfFiles(error);
      this.#options.log.warn({ err: error, port }, 'cannot open passive port');
      if (port !== 0 && !OF_THE_PORT.has(errnoOf(error))) this.#free.add(port);
      return undefined;
    }
  }

  async #listen(port: number): Promise<PassiveListener> {
    const { host, log, onUnexpected } = this.#options;
    this.#openingCount += 1;
    try {
      const listener = await PassiveListener.open(
        { host, port },
        {
          onUnexpected,
          onError: (err, at) => log.error({ err, port: at }, 'passive port failed'),
        },
      );
      if (this.#isClosed) void listener.close();
      else this.#listeners.set(listener.port, listener);
      return listener;
    } finally {
      this.#openingCount -= 1;
    }
  }
}
