import { join } from 'node:path';
import { formatSize, GIB, MIB } from './harness/format.ts';
import { measure } from './harness/measure.ts';
import type { Bench, Question, Sample, Scenario } from './harness/question.ts';
import {
  checkUploads,
  clearUploads,
  DOWNLOADS,
  downloadsPath,
  linkFile,
  UPLOADS,
} from './harness/served-files.ts';
import { parseTransfers } from './harness/transfer-result.ts';

/** How fast are large files, in one stream and in four? */
export const bulkTransfer: Question = {
  name: 'bulk-transfer',
  freshServerPer: 'question',
  warmUpRounds: 1,

  furnish(bench) {
    linkFile(bench, join(downloadsPath(bench), 'bulk0000'), bench.scale.bulkBytes);
    clearUploads(bench);
  },

  scenarios({ bulkBytes }) {
    return [1, 4].flatMap((streams) =>
      (['RETR', 'STOR'] as const).map((verb): Scenario => {
        const title = `${verb} of ${formatSize(bulkBytes)}`;
        return {
          title: streams === 1 ? `${title}, 1 stream` : `${title} each, ${streams} streams`,
          better: 'more',
          columns: [
            { title: 'MiB/s', fractionDigits: 0 },
            { title: 'CPU s/GiB', fractionDigits: 2 },
          ],
          measure: (bench) => transfer(bench, verb, streams),
        };
      }),
    );
  },
};

async function transfer(bench: Bench, verb: 'RETR' | 'STOR', streams: number): Promise<Sample> {
  const { bulkBytes, limitMs } = bench.scale;
  const directory = verb === 'STOR' ? UPLOADS : DOWNLOADS;
  const args = [verb, `/${directory}`, 'bulk', streams, 1, bulkBytes, limitMs];
  try {
    const { result, cpuSeconds } = await measure(bench, 'transfers', ...args);
    const { seconds, bytes } = parseTransfers(result);
    if (bytes !== streams * bulkBytes) throw new Error(`${bytes} bytes were moved.`);
    if (verb === 'STOR') checkUploads(bench, { count: streams, sizeBytes: bulkBytes });
    return [bytes / MIB / seconds, cpuSeconds / (bytes / GIB)];
  } finally {
    clearUploads(bench);
  }
}
