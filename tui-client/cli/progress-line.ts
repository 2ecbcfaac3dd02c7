import { counted, displayName, duration, percent, rate, shortBytes } from '../text/format.ts';
import { cutEnd } from '../text/text-width.ts';
import type { QueueSnapshot } from '../transfers/queue/queue-snapshot.ts';
import type { OutputStream } from './command-context.ts';

const BAR_COLUMNS = 12;
const DEFAULT_COLUMNS = 80;
const BACK_AND_CLEAR = '\r\x1b[K';

/** One line at the bottom of a terminal with the progress of the transfers. */
export class ProgressLine {
  readonly #stream: OutputStream;
  #isShown = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  show(snapshot: QueueSnapshot): void {
    // A terminal that does not know its size says that it has none.
    const columns = (this.#stream.columns || DEFAULT_COLUMNS) - 1;
    this.#stream.write(`${BACK_AND_CLEAR}${cutEnd(progressText(snapshot), columns)}`);
    this.#isShown = true;
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#isShown) this.#stream.write(BACK_AND_CLEAR);
    this.#isShown = false;
  }
}

/** As `3 of 12 files  ████░░░░  31 %  1.2 of 4.6 G  22.1 MB/s  0:48  beach.jpg`. */
function progressText(snapshot: QueueSnapshot): string {
  const { counts, doneBytes, totalBytes, isTotalKnown, bytesPerSecond } = snapshot;
  const files = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const ended = counts.done + counts.skipped + counts.failed;
  const atLeast = isTotalKnown ? '' : '≥';
  const share = totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes);
  const full = Math.round(share * BAR_COLUMNS);
  const restMs =
    bytesPerSecond > 0 ? ((totalBytes - doneBytes) / bytesPerSecond) * 1000 : undefined;
  const running = snapshot.running.find(({ kind }) => kind === 'file');
  return [
    `${ended} of ${atLeast}${counted(files, 'file')}`,
    `${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)}`,
    percent(doneBytes, isTotalKnown ? totalBytes : undefined) ?? '',
    `${shortBytes(doneBytes)} of ${atLeast}${shortBytes(totalBytes)}`,
    bytesPerSecond > 0 ? rate(bytesPerSecond) : '',
    restMs !== undefined && isTotalKnown ? duration(restMs) : '',
    running === undefined ? '' : displayName(running.from.split('/').at(-1) ?? ''),
  ]
    .filter((part) => part !== '')
    .join('  ');
}
