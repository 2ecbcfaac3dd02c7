const LF = 0x0a;
const CR = 0x0d;

/**
 * Converts line ends on disk (LF) to those of TYPE A (CRLF, RFC 959 §3.1.1.1). A CRLF on disk, as in files from
 * Windows, is not changed, even across two chunks.
 */
export class ToNetworkLineEnds {
  #endsInCr = false;

  push(octets: Uint8Array): Buffer {
    let lineEnds = 0;
    for (let at = octets.indexOf(LF); at !== -1; at = octets.indexOf(LF, at + 1)) lineEnds += 1;
    const translated = Buffer.allocUnsafe(octets.length + lineEnds);
    let from = 0;
    let length = 0;
    for (let at = octets.indexOf(LF); at !== -1; at = octets.indexOf(LF, from)) {
      const isAfterCr = at === 0 ? this.#endsInCr : octets[at - 1] === CR;
      translated.set(octets.subarray(from, at), length);
      length += at - from;
      if (!isAfterCr) translated[length++] = CR;
      translated[length++] = LF;
      from = at + 1;
    }
    translated.set(octets.subarray(from), length);
    if (octets.length > 0) this.#endsInCr = octets.at(-1) === CR;
    return translated.subarray(0, length + octets.length - from);
  }
}

/**
 * Turns CRLF into LF. A CR at the end of a chunk waits for the next one; a CR that no LF follows is
 * part of the text.
 */
export class FromNetworkLineEnds {
  #heldCr = false;

  push(octets: Uint8Array): Buffer {
    const translated = Buffer.allocUnsafe(octets.length + 1);
    let length = 0;
    for (const octet of octets) {
      if (this.#heldCr && octet !== LF) translated[length++] = CR;
      this.#heldCr = octet === CR;
      if (!this.#heldCr) translated[length++] = octet;
    }
    return translated.subarray(0, length);
  }

  /** Rest at the end of the data. */
  end(): Buffer {
    const rest = this.#heldCr ? Buffer.of(CR) : Buffer.alloc(0);
    this.#heldCr = false;
    return rest;
  }
}
