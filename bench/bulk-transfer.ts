import { join } from 'node:path';
import { formatSize, GIB, MIB } from './harness/format.ts';
import { measure } from './harness/measure.ts';
import type { Bench, Question, Sample, Scale, Scenario } from './harness/question.ts';
import {
  checkUploads,
  clearUploads,
  DOWNLOADS,
  downloadsPath,
  linkFile,
  UPLOADS,
} from './harness/served-files.ts';
import { parseTransfers } from './harness/transfer-result.ts';

/** How fast are large files, in one stream, in four and in sixteen? */
export const bulkTransfer = bulkQuestion({
  name: 'bulk-transfer',
  isOverTls: false,
  sizeOf: ({ bulkBytes }) => bulkBytes,
});

const MANY_STREAMS = 16;

/** Many streams move as much as four do. */
function fileBytes(bulkBytes: number, streams: number): number {
  return streams === MANY_STREAMS ? bulkBytes / 4 : bulkBytes;
}

function prefixOf(streams: number): string {
  return streams === MANY_STREAMS ? 'many' : 'bulk';
}

/** The same over PROT P (RFC 4217). */
export const tlsBulk = bulkQuestion({
  name: 'tls-bulk',
  isOverTls: true,
  sizeOf: ({ tlsBulkBytes }) => tlsBulkBytes,
});

function bulkQuestion({
  name,
  isOverTls,
  sizeOf,
}: {
  name: string;
  isOverTls: boolean;
  sizeOf: (scale: Scale) => number;
}): Question {
  return {
    name,
    isOverTls,
    freshServerPer: 'question',
    warmUpRounds: 1,

    furnish(bench) {
      for (const streams of [1, MANY_STREAMS]) {
        const sizeBytes = fileBytes(sizeOf(bench.scale), streams);
        linkFile(bench, join(downloadsPath(bench), `${prefixOf(streams)}0000`), sizeBytes);
      }
      clearUploads(bench);
    },

    scenarios(scale) {
      return [1, 4, MANY_STREAMS].flatMap((streams) =>
        (['RETR', 'STOR'] as const).map((verb): Scenario => {
          const sizeBytes = fileBytes(sizeOf(scale), streams);
          const title = `${verb} of ${formatSize(sizeBytes)}${isOverTls ? ' over TLS' : ''}`;
          return {
            title: streams === 1 ? `${title}, 1 stream` : `${title} each, ${streams} streams`,
            better: 'more',
            columns: [
              { title: 'MiB/s', fractionDigits: 0 },
              { title: 'CPU s/GiB', fractionDigits: 2 },
            ],
            measure: (bench) => transfer(bench, { verb, streams, sizeBytes }),
          };
        }),
      );
    },
  };
}

async function transfer(
  bench: Bench,
  { verb, streams, sizeBytes }: { verb: 'RETR' | 'STOR'; streams: number; sizeBytes: number },
): Promise<Sample> {
  const directory = verb === 'STOR' ? UPLOADS : DOWNLOADS;
  const args = [
    verb,
    `/${directory}`,
    prefixOf(streams),
    streams,
    1,
    sizeBytes,
    bench.scale.limitMs,
  ];
  try {
    const { result, cpuSeconds } = await measure(bench, 'transfers', ...args);
    const { seconds, bytes } = parseTransfers(result);
    if (bytes !== streams * sizeBytes) throw new Error(`${bytes} bytes were moved.`);
    if (verb === 'STOR') checkUploads(bench, { count: streams, sizeBytes });
    return [bytes / MIB / seconds, cpuSeconds / (bytes / GIB)];
  } finally {
    clearUploads(bench);
  }
}
