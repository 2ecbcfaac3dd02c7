import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatSize, MIB } from './harness/format.ts';
import type { Bench, Question, Sample, Scale, Scenario } from './harness/question.ts';
import { type ClientRun, isInstalled, runCurl, runMyFtp } from './harness/run-client.ts';
import {
  checkUploads,
  clearUploads,
  DOWNLOADS,
  downloadsPath,
  linkFile,
  UPLOADS,
} from './harness/served-files.ts';

const NAME = 'bulk0000';

/** One file, up or down. */
interface Move {
  readonly direction: 'upload' | 'download';
  readonly sizeBytes: number;
}

/**
 * How fast does a client move one large file? Both are programs whose start and login count. MyFTP's client compares
 * digests where the server has them, and sizes elsewhere.
 */
export const clientTransfer = clientQuestion({
  name: 'client-transfer',
  isOverTls: false,
  sizeOf: ({ bulkBytes }) => bulkBytes,
});

/** The same over PROT P (RFC 4217). */
export const tlsClientTransfer = clientQuestion({
  name: 'tls-client-transfer',
  isOverTls: true,
  sizeOf: ({ tlsBulkBytes }) => tlsBulkBytes,
});

function clientQuestion({
  name,
  isOverTls,
  sizeOf,
}: Pick<Question, 'name' | 'isOverTls'> & { sizeOf: (scale: Scale) => number }): Question {
  return {
    name,
    isOverTls,
    freshServerPer: 'question',
    warmUpRounds: 1,

    furnish(bench) {
      linkFile(bench, join(downloadsPath(bench), NAME), sizeOf(bench.scale));
      clearUploads(bench);
    },

    scenarios(scale) {
      const sizeBytes = sizeOf(scale);
      const what = `${formatSize(sizeBytes)}${isOverTls ? ' over TLS' : ''}`;
      return (['upload', 'download'] as const).map(
        (direction): Scenario => ({
          title: `${direction} of ${what} by a client`,
          better: 'more',
          columns: [
            { title: 'MiB/s', fractionDigits: 0 },
            { title: 'curl', fractionDigits: 0 },
            { title: 'vs curl', fractionDigits: 2 },
            { title: 'CPU s', fractionDigits: 2 },
            { title: 'curl CPU', fractionDigits: 2 },
          ],
          measure: (bench) => measureMove(bench, { direction, sizeBytes }),
        }),
      );
    },
  };
}

let measurements = 0;

/** Runs both clients, each one first in turn. */
async function measureMove(bench: Bench, move: Move): Promise<Sample> {
  if (!isInstalled('curl')) return undefined;
  const isFirst = measurements++ % 2 === 0;
  const early = isFirst ? runMove(bench, move, 'myftp') : undefined;
  const curl = runMove(bench, move, 'curl');
  const myftp = early ?? runMove(bench, move, 'myftp');
  const mebibytes = move.sizeBytes / MIB;
  return [
    mebibytes / myftp.seconds,
    mebibytes / curl.seconds,
    curl.seconds / myftp.seconds,
    myftp.cpuSeconds,
    curl.cpuSeconds,
  ];
}

function runMove(bench: Bench, move: Move, client: 'myftp' | 'curl'): ClientRun {
  const { server, certificate, sourcesPath } = bench;
  const target = join(sourcesPath, 'client-down');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const isUpload = move.direction === 'upload';
  const here = join(isUpload ? downloadsPath(bench) : target, NAME);
  const there = `/${isUpload ? UPLOADS : DOWNLOADS}/${NAME}`;
  const where = { server, certificatePath: certificate?.certificatePath };
  try {
    const run =
      client === 'curl'
        ? runCurl(where, isUpload ? ['--upload-file', here] : ['--output', here], there)
        : runMyFtp(where, [
            ...(isUpload ? ['put', here, `:${there}`] : ['get', `:${there}`, here]),
          ]);
    if (isUpload) checkUploads(bench, { count: 1, sizeBytes: move.sizeBytes });
    else checkSame(here, join(downloadsPath(bench), NAME));
    return run;
  } finally {
    clearUploads(bench);
    rmSync(target, { recursive: true });
  }
}

function checkSame(path: string, other: string): void {
  if (digestOf(path) !== digestOf(other)) throw new Error('The download differs from its source.');
}

function digestOf(path: string): string {
  return createHash('sha1').update(readFileSync(path)).digest('hex');
}
