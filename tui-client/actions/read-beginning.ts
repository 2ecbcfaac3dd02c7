import { open } from 'node:fs/promises';
import type { Side } from '../state/ui.ts';
import type { Desk } from './desk.ts';

export interface Beginning {
  readonly octets: Uint8Array;
  /** There is more. */
  readonly isCut: boolean;
}

interface Request {
  readonly path: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The first octets of a file on either side. */
export async function readBeginning(desk: Desk, side: Side, request: Request): Promise<Beginning> {
  return side === 'left' ? readLocal(request) : readRemote(desk, request);
}

async function readLocal({ path, maxBytes }: Request): Promise<Beginning> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return {
      octets: buffer.subarray(0, Math.min(bytesRead, maxBytes)),
      isCut: bytesRead > maxBytes,
    };
  } finally {
    await file.close();
  }
}

async function readRemote(desk: Desk, { path, maxBytes, signal }: Request): Promise<Beginning> {
  const session = desk.online?.session;
  if (session === undefined) return { octets: new Uint8Array(), isCut: false };
  const enough = new AbortController();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const sink = (octets: Buffer) => {
    if (bytes <= maxBytes) chunks.push(Buffer.from(octets));
    bytes += octets.length;
    if (bytes > maxBytes) enough.abort();
    return undefined;
  };
  try {
    await session.download(path, { sink, signal: AbortSignal.any([signal, enough.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (!enough.signal.aborted) throw error;
  }
  return { octets: Buffer.concat(chunks).subarray(0, maxBytes), isCut: bytes > maxBytes };
}
