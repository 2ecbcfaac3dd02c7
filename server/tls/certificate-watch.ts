import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { loadCertificate } from './certificate.ts';

const DEFAULT_INTERVAL_MS = 5000;
/** A pair that does not fit is looked at so often before it counts as a mistake. */
const MAX_LOOKS = 4;

interface WatchOptions {
  readonly certFile: string;
  readonly keyFile: string;
  /** Is to load the pair. */
  onChange(): void;
  readonly intervalMs?: number;
}

/**
 * Calls `onChange` after the certificate or its key has changed; symbolic links are followed.
 *
 * The two files cannot change at once. While they do not match, they are checked again; if that lasts, `onChange` is
 * called all the same, to report the reason. Polls, because notifications do not work across links and network file
 * systems. Does not keep the process alive.
 */
export function watchCertificate(options: WatchOptions): { stop(): void } {
  return new CertificateWatch(options);
}

class CertificateWatch {
  readonly #options: WatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** State of the pair at the last call of `onChange`, or at the start. */
  #known: string;
  #looks = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    // Waits for the disk, so that no change after this call can pass for what was there before.
    this.#known = [options.certFile, options.keyFile].map(stateNow).join(' ');
    this.#lookLater();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    const { intervalMs = DEFAULT_INTERVAL_MS } = this.#options;
    this.#timer = setTimeout(() => void this.#look(), intervalMs).unref();
  }

  async #look(): Promise<void> {
    const { certFile, keyFile } = this.#options;
    const state = (await Promise.all([certFile, keyFile].map(fileState))).join(' ');
    if (state === this.#known) this.#looks = 0;
    else await this.#considerChange(state);
    if (!this.#isStopped) this.#lookLater();
  }

  async #considerChange(state: string): Promise<void> {
    this.#looks += 1;
    const isFit = await loadCertificate(this.#options).then(
      () => true,
      () => false,
    );
    if (this.#isStopped || (!isFit && this.#looks < MAX_LOOKS)) return;
    this.#known = state;
    this.#looks = 0;
    this.#options.onChange();
  }
}

async function fileState(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(stateFrom, codeOf);
}

function stateNow(file: string): string {
  try {
    return stateFrom(statSync(file, { bigint: true }));
  } catch (error) {
    return codeOf(error);
  }
}

/** Differs whenever a file was replaced, written to, or made readable. */
function stateFrom({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
