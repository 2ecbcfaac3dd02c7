import type { RateLimiter } from './rate-limiter.ts';
import type { DownloadOptions, OctetSource, UploadOptions } from './transfer-connection.ts';

/** A download that keeps the rate: its sink takes no more octets before others may pass. */
export function limitedDownload(options: DownloadOptions, rate: RateLimiter): DownloadOptions {
  const { sink, signal } = options;
  const slowSink = async (octets: Buffer) => {
    for (const piece of rate.pieces(octets)) {
      await sink(piece);
      await rate.pass(piece.length, signal);
    }
  };
  return {
    ...options,
    pieceBytes: () => rate.pieceBytes,
    sink: (octets) => (rate.bytesPerSecond === undefined ? sink(octets) : slowSink(octets)),
  };
}

/** An upload that keeps the rate. */
export function limitedUpload(options: UploadOptions, rate: RateLimiter): UploadOptions {
  return {
    ...options,
    pieceBytes: () => rate.pieceBytes,
    source: slowly(options.source, rate, options.signal),
  };
}

async function* slowly(
  source: OctetSource,
  rate: RateLimiter,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for await (const octets of source) {
    for (const piece of rate.pieces(octets)) {
      await rate.pass(piece.length, signal);
      yield piece;
    }
  }
}
