import { open } from 'node:fs/promises';
import type { Using } from '../context/app-context.ts';
import { onDisk } from '../local/local-failure.ts';
import type { Side } from '../state/ui.ts';

const PIECE_BYTES = 1024 * 1024;

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
export async function readBeginning(
  app: Using<'connection'>,
  side: Side,
  request: Request,
): Promise<Beginning> {
  return side === 'left' ? readLocal(request) : readRemote(app, request);
}

/** Files of `/proc` come in pieces, whatever their size is said to be. */
function readLocal({ path, maxBytes, signal }: Request): Promise<Beginning> {
  return onDisk(path, async () => {
    const file = await open(path);
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      while (bytes <= maxBytes) {
        signal.throwIfAborted();
        const buffer = Buffer.alloc(Math.min(PIECE_BYTES, maxBytes + 1 - bytes));
        const { bytesRead } = await file.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        chunks.push(buffer.subarray(0, bytesRead));
        bytes += bytesRead;
      }
      return { octets: Buffer.concat(chunks).subarray(0, maxBytes), isCut: bytes > maxBytes };
    } finally {
      await file.close();
    }
  });
}

async function readRemote(
  app: Using<'connection'>,
  { path, maxBytes, signal }: Request,
): Promise<Beginning> {
  const session = app.connection.active?.session;
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
