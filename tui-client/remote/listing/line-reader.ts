import type { Entry } from '../../files/place.ts';

/** Reads lines of a listing. What is not understood goes into the gaps. */
export interface LineReader {
  /** Undefined for a line that shows no entry. */
  read(line: string): Entry | undefined;
  end(): void;
}
