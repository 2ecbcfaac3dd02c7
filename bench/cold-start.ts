import { join } from 'node:path';
import { KIB } from './harness/format.ts';
import { measure } from './harness/measure.ts';
import type { Bench, Question, Sample } from './harness/question.ts';
import {
  clearUploads,
  DOWNLOADS,
  downloadsPath,
  linkFile,
  UPLOADS,
} from './harness/served-files.ts';
import { parseTransfers } from './harness/transfer-result.ts';

const FILE_BYTES = 4 * KIB;

/** The files that count as cold. */
const COLD_FILES = 200;

/** Runs of all small files before a server counts as warm. */
const WARMING_RUNS = 5;

/** How fast are the first files after a start, beside those of the same server when it is warm? */
export const coldStart: Question = {
  name: 'cold-start',
  isOverTls: false,
  freshServerPer: 'round',
  warmUpRounds: 0,

  furnish(bench) {
    const path = downloadsPath(bench);
    for (let i = 0; i < Math.max(bench.scale.smallFiles, COLD_FILES); i++) {
      linkFile(bench, join(path, `small${String(i).padStart(4, '0')}`), FILE_BYTES);
    }
    clearUploads(bench);
  },

  scenarios() {
    return (['RETR', 'STOR'] as const).map((verb) => ({
      title: `${verb} of the first ${COLD_FILES} files of 4 KiB after a start, 1 session`,
      better: 'more',
      columns: [
        { title: 'cold/warm', fractionDigits: 2 },
        { title: 'cold files/s', fractionDigits: 0 },
        { title: 'warm files/s', fractionDigits: 0 },
      ],
      measure: (bench) => compareColdAndWarm(bench, verb),
    }));
  },
};

async function compareColdAndWarm(bench: Bench, verb: 'RETR' | 'STOR'): Promise<Sample> {
  const cold = await filesPerSecond(bench, verb, COLD_FILES);
  for (let run = 0; run < WARMING_RUNS; run++) {
    await filesPerSecond(bench, verb, bench.scale.smallFiles);
  }
  const warm = await filesPerSecond(bench, verb, bench.scale.smallFiles);
  return [cold / warm, cold, warm];
}

async function filesPerSecond(bench: Bench, verb: 'RETR' | 'STOR', count: number): Promise<number> {
  const directory = verb === 'STOR' ? UPLOADS : DOWNLOADS;
  const args = [verb, `/${directory}`, 'small', 1, count, FILE_BYTES, bench.scale.limitMs];
  try {
    const { result } = await measure(bench, 'transfers', ...args);
    const { files, seconds } = parseTransfers(result);
    return files / seconds;
  } finally {
    clearUploads(bench);
  }
}
