/** MODE B (RFC 959 §3.4.2), as a client writes it. */

export const MAX_BLOCK_BYTES = 65_535;

export const END_OF_FILE = 64;

export function block(descriptor: number, octets: string | Uint8Array): Buffer {
  const content = Buffer.from(octets);
  const header = Buffer.from([descriptor, content.length >> 8, content.length & 0xff]);
  return Buffer.concat([header, content]);
}

/** A whole file. */
export function inBlocks(octets: string | Uint8Array): Buffer {
  const content = Buffer.from(octets);
  const blocks = [];
  let at = 0;
  for (; content.length - at > MAX_BLOCK_BYTES; at += MAX_BLOCK_BYTES) {
    blocks.push(block(0, content.subarray(at, at + MAX_BLOCK_BYTES)));
  }
  return Buffer.concat([...blocks, block(END_OF_FILE, content.subarray(at))]);
}
