import { join } from 'node:path';
import { formatNumber, KIB } from './harness/format.ts';
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

const FILE_BYTES = 4 * KIB;

/** How many files of 4 KiB per second, each with PASV and a data connection of its own? */
export const smallFiles = smallFilesQuestion({
  name: 'small-files',
  isOverTls: false,
  sessionCounts: [1, 8, 32],
});

/** The same over PROT P (RFC 4217): a handshake for each file, too. */
export const tlsSmallFiles = smallFilesQuestion({
  name: 'tls-small-files',
  isOverTls: true,
  sessionCounts: [1],
});

function smallFilesQuestion({
  name,
  isOverTls,
  sessionCounts,
}: {
  name: string;
  isOverTls: boolean;
  sessionCounts: readonly number[];
}): Question {
  return {
    name,
    isOverTls,
    freshServerPer: 'question',
    warmUpRounds: 3,

    furnish(bench) {
      const path = downloadsPath(bench);
      for (let i = 0; i < bench.scale.smallFiles; i++) {
        linkFile(bench, join(path, `small${String(i).padStart(4, '0')}`), FILE_BYTES);
      }
      clearUploads(bench);
    },

    scenarios({ smallFiles: count }) {
      return sessionCounts.flatMap((sessions) =>
        (['RETR', 'STOR'] as const).map((verb): Scenario => {
          const title = `${verb} of ${formatNumber(count, 0)} files of 4 KiB${isOverTls ? ' over TLS' : ''}`;
          return {
            title:
              sessions === 1 ? `${title}, 1 session` : `${title} on each of ${sessions} sessions`,
            better: 'more',
            columns: [
              { title: 'files/s', fractionDigits: 0 },
              { title: 'CPU µs/file', fractionDigits: 0 },
            ],
            measure: (bench) => transfer(bench, verb, sessions),
          };
        }),
      );
    },
  };
}

async function transfer(bench: Bench, verb: 'RETR' | 'STOR', sessions: number): Promise<Sample> {
  const { smallFiles: count, limitMs } = bench.scale;
  const directory = verb === 'STOR' ? UPLOADS : DOWNLOADS;
  const args = [verb, `/${directory}`, 'small', sessions, count, FILE_BYTES, limitMs];
  try {
    const { result, cpuSeconds } = await measure(bench, 'transfers', ...args);
    const { seconds, files, bytes } = parseTransfers(result);
    if (bytes !== files * FILE_BYTES) throw new Error(`${bytes} bytes were moved.`);
    if (verb === 'STOR') checkUploads(bench, { count: files, sizeBytes: FILE_BYTES });
    return [files / seconds, (cpuSeconds * 1e6) / files];
  } finally {
    clearUploads(bench);
  }
}
