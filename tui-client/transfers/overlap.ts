import type { Failure } from '../errors/failure.ts';
import type { Part } from '../local/part-file.ts';

/** The received octets differ from the existing ones: the part is of another file. */
export class OtherFile extends Error {
  override readonly name = 'OtherFile';
}

interface Range {
  readonly startBytes: number;
  /** End of the existing octets. */
  readonly seamBytes: number;
}

/** Compares the octets that a download brings before the seam with the existing ones. */
export class Overlap {
  readonly #part: Part;
  readonly #seamBytes: number;
  #positionBytes: number;

  constructor(part: Part, { startBytes, seamBytes }: Range) {
    this.#part = part;
    this.#positionBytes = startBytes;
    this.#seamBytes = seamBytes;
  }

  get isOver(): boolean {
    return this.#positionBytes === this.#seamBytes;
  }

  /**
   * Hands on what lies behind the seam.
   *
   * @throws OtherFile
   */
  async compare(
    octets: Buffer,
    handOn: (rest: Buffer) => Promise<void> | undefined,
  ): Promise<void> {
    const length = Math.min(octets.length, this.#seamBytes - this.#positionBytes);
    const ours = await this.#part.octetsAt(this.#positionBytes, length);
    if (!ours.equals(octets.subarray(0, length))) throw new OtherFile();
    this.#positionBytes += length;
    if (length < octets.length) await handOn(octets.subarray(length));
  }
}

/** Whether a server has refused REST, or a transfer after it. */
export function isRestartImpossible(error: unknown): boolean {
  const { name, code, message = '' } = (error ?? {}) as Partial<Failure>;
  return name === 'Failure' && code !== undefined && code >= 500 && /resume|REST/i.test(message);
}
