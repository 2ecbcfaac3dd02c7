import { EventEmitter } from 'node:events';
import { anchored } from './anchors.ts';

/** The first and last character that can stand for a slot; Unicode gives them no meaning. */
const FIRST_SLOT = 0xe000;
const LAST_SLOT = 0xe0ff;
const placeholders = /[\ue000-\ue0ff] */g;

const BEGIN = '\x1b[?2026h\x1b[?7l';
const END = '\x1b[?7h\x1b[?2026l';
const CLEAR = '\x1b[0m\x1b[2J';

/** What `Screen` needs of the terminal's output. */
export interface ScreenOutput {
  readonly columns: number;
  readonly rows: number;
  write(text: string, onWritten: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Rows that are put into a frame when it is drawn. */
export interface Slot {
  readonly width: number;
  /** Painted, each exactly `width` columns wide. */
  readonly rows: readonly string[];
}

interface ScreenEvents {
  resize: [];
}

/**
 * Draws complete frames with as few bytes as possible.
 *
 * Only rows that changed are written, at absolute positions, so neither a row that wraps nor a lost byte moves the
 * others. While the terminal has not taken the last write, later frames replace each other instead of queueing. Nothing
 * is written while another program has the terminal.
 *
 * A frame may hold slots: a private character and the blanks after it stand for a row that is put in here, so that Ink
 * need not measure long lists character by character.
 */
export class Screen extends EventEmitter<ScreenEvents> {
  readonly #output: ScreenOutput;
  readonly #slots = new Map<string, Slot>();
  #frame: readonly string[] = [];
  #drawn: string[] = [];
  #isOpen = false;
  #isDue = false;
  #isWriting = false;

  constructor(output: ScreenOutput) {
    super();
    this.setMaxListeners(0);
    this.#output = output;
  }

  get columns(): number {
    return this.#output.columns;
  }

  get rows(): number {
    return this.#output.rows;
  }

  /** From now on the terminal is ours: draws all of the latest frame. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#output.on('resize', this.#onResize);
    this.repaint();
  }

  /** Nothing is written until `open` is called again; frames are remembered. */
  close(): void {
    this.#isOpen = false;
    this.#output.off('resize', this.#onResize);
  }

  /** Takes a frame; it is drawn, at the latest, when the event loop comes round. */
  write(frame: string): boolean {
    this.#frame = frame.split('\n');
    this.#drawSoon();
    return true;
  }

  /** Draws every row again, as after another program has written to the terminal. */
  repaint(): void {
    this.#drawn = [];
    this.#drawSoon();
  }

  /** A character that stands for rows of one's own in frames. Give it back with `releaseSlot`. */
  claimSlot(): string {
    for (let code = FIRST_SLOT; code <= LAST_SLOT; code++) {
      const slot = String.fromCharCode(code);
      if (this.#slots.has(slot)) continue;
      this.#slots.set(slot, { width: 0, rows: [] });
      return slot;
    }
    throw new Error('All slots of the screen are taken.');
  }

  fillSlot(slot: string, content: Slot): void {
    this.#slots.set(slot, content);
    this.#drawSoon();
  }

  releaseSlot(slot: string): void {
    this.#slots.delete(slot);
  }

  readonly #onResize = (): void => {
    this.repaint();
    this.emit('resize');
  };

  #drawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw(): void {
    if (!this.#isOpen || this.#isWriting || this.#frame.length === 0) return;
    const changes = this.#changes();
    if (changes === '') return;
    this.#isWriting = true;
    this.#output.write(`${BEGIN}${changes}${END}`, () => {
      this.#isWriting = false;
      this.#drawSoon();
    });
  }

  /** What has to be written to turn what stands there into the latest frame; remembers it as drawn. */
  #changes(): string {
    let changes = this.#drawn.length === 0 ? CLEAR : '';
    const rows = this.#filledFrame();
    for (let index = 0; index < this.rows; index++) {
      const row = rows[index] ?? '';
      if (row === this.#drawn[index]) continue;
      changes += `\x1b[${index + 1};1H\x1b[0m\x1b[2K${anchored(row)}\x1b[0m`;
      this.#drawn[index] = row;
    }
    return changes;
  }

  #filledFrame(): string[] {
    const taken = new Map<string, number>();
    return this.#frame.map((row) =>
      row.replace(placeholders, (blank) => {
        const slot = this.#slots.get(blank.charAt(0));
        if (slot === undefined) return ' '.repeat(blank.length);
        const index = taken.get(blank.charAt(0)) ?? 0;
        taken.set(blank.charAt(0), index + 1);
        return (slot.rows[index] ?? ' '.repeat(slot.width)) + blank.slice(slot.width);
      }),
    );
  }
}
