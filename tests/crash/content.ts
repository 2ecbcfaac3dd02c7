import { Random } from './random.ts';

/** A file's octets, told without them: up to each end they are those of a stream at the same positions. */
export interface Content {
  readonly pieces: readonly Piece[];
}

interface Piece {
  readonly stream: number;
  readonly endBytes: number;
}

export const EMPTY: Content = { pieces: [] };

export function sizeOf({ pieces }: Content): number {
  return pieces.at(-1)?.endBytes ?? 0;
}

export function prefixOf({ pieces }: Content, sizeBytes: number): Content {
  const kept: Piece[] = [];
  for (const { stream, endBytes } of pieces) {
    if ((kept.at(-1)?.endBytes ?? 0) >= sizeBytes) break;
    kept.push({ stream, endBytes: Math.min(endBytes, sizeBytes) });
  }
  return { pieces: kept };
}

/** `content` up to an offset, and from there on `stream`. */
export function continued(
  content: Content,
  { offsetBytes, stream, sizeBytes }: { offsetBytes: number; stream: number; sizeBytes: number },
): Content {
  const { pieces } = prefixOf(content, offsetBytes);
  return sizeBytes <= offsetBytes
    ? { pieces }
    : { pieces: [...pieces, { stream, endBytes: sizeBytes }] };
}

const PAGE_BYTES = 4096;
const NOISE_BYTES = 1024 * 1024;

/**
 * Makes the octets of contents. Every page of every stream is different and bears the numbers of both, so that no
 * octet can stand in a wrong place unnoticed.
 */
export class Octets {
  readonly #noise = Buffer.alloc(NOISE_BYTES + PAGE_BYTES);

  constructor(seed: number) {
    const random = new Random(seed);
    for (let at = 0; at < this.#noise.length; at += 4) {
      this.#noise.writeUInt32LE(random.below(2 ** 32), at);
    }
  }

  of(content: Content, fromBytes = 0, toBytes = sizeOf(content)): Buffer {
    const octets = Buffer.alloc(Math.max(toBytes - fromBytes, 0));
    let at = fromBytes;
    for (const { stream, endBytes } of content.pieces) {
      const end = Math.min(endBytes, toBytes);
      while (at < end) at += this.#copy({ stream, at, end, into: octets.subarray(at - fromBytes) });
    }
    return octets;
  }

  /** Whether these are the first octets of a content, all of them or some. */
  areStartOf(octets: Buffer, content: Content): boolean {
    return octets.length <= sizeOf(content) && octets.equals(this.of(content, 0, octets.length));
  }

  are(octets: Buffer, content: Content): boolean {
    return octets.length === sizeOf(content) && this.areStartOf(octets, content);
  }

  /** Copies up to the end of a page, and tells how many octets that were. */
  #copy(from: { stream: number; at: number; end: number; into: Buffer }): number {
    const { stream, at, end, into } = from;
    const page = Math.floor(at / PAGE_BYTES);
    const inPage = at - page * PAGE_BYTES;
    const bytes = Math.min(PAGE_BYTES - inPage, end - at);
    const start = (stream * 7919 + page * 104_729) % NOISE_BYTES;
    const octets = Buffer.from(this.#noise.subarray(start, start + PAGE_BYTES));
    octets.writeUInt32LE(stream >>> 0, 0);
    octets.writeUInt32LE(page, 4);
    return octets.copy(into, 0, inPage, inPage + bytes);
  }
}
