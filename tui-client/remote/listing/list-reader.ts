import type { GapFinder } from '../../files/listing.ts';
import { type Entry, isPlainName } from '../../files/place.ts';
import type { LineReader } from './line-reader.ts';
import { LIST_FORMATS, type ListFormat } from './list-formats.ts';

/** A long name of VMS, whose facts are on the next line. */
const VMS_NAME = /^\S+;\d+\s*$/;

/** Reads LIST in any of the formats. The one that fitted last is tried first. */
export class ListReader implements LineReader {
  readonly #gaps: GapFinder;
  readonly #nowMs: number;
  #formats = LIST_FORMATS;
  #heldName: string | undefined;
  #hasUnderstood = false;

  /** @param nowMs by the server's clock. */
  constructor(gaps: GapFinder, nowMs = Date.now()) {
    this.#gaps = gaps;
    this.#nowMs = nowMs;
  }

  /** Whether a line has shown an entry, or the directory itself. */
  get hasUnderstood(): boolean {
    return this.#hasUnderstood;
  }

  read(line: string): Entry | undefined {
    const held = this.#heldName;
    this.#heldName = undefined;
    if (held === undefined) return this.#readWhole(line);
    if (/^\s+\d/.test(line)) return this.#readWhole(`${held.trimEnd()}${line}`);
    this.#gaps.notUnderstood(held);
    return this.#readWhole(line);
  }

  end(): void {
    if (this.#heldName !== undefined) this.#gaps.notUnderstood(this.#heldName);
    this.#heldName = undefined;
  }

  #readWhole(line: string): Entry | undefined {
    if (line.trim() === '') return undefined;
    for (const format of this.#formats) {
      const meaning = format(line, this.#nowMs);
      if (meaning === undefined) continue;
      this.#prefer(format);
      if (meaning === 'heading') return undefined;
      this.#hasUnderstood = true;
      if (meaning === 'itself') return undefined;
      if (isPlainName(meaning.name)) return meaning;
      break;
    }
    if (VMS_NAME.test(line)) this.#heldName = line;
    else this.#gaps.notUnderstood(line);
    return undefined;
  }

  #prefer(format: ListFormat): void {
    if (this.#formats[0] === format) return;
    this.#formats = [format, ...LIST_FORMATS.filter((other) => other !== format)];
  }
}
