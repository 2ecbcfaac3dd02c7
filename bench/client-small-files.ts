import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber, KIB } from './harness/format.ts';
import type { Bench, Question, Sample, Scenario } from './harness/question.ts';
import { type ClientRun, isInstalled, runLftp, runMyFtp } from './harness/run-client.ts';
import { DOWNLOADS, downloadsPath, linkFile, makeOpenDirectory } from './harness/served-files.ts';

const FILE_BYTES = 4 * KIB;

const CONNECTIONS = 4;

const SOURCES = 'client-up';
const TARGET = 'mirrored';

/** What both clients are told to do. `here` and `there` are the local directory and that of the server. */
interface Task {
  readonly title: string;
  readonly direction: 'upload' | 'download';
  readonly myftp: (here: string, there: string) => readonly string[];
  readonly lftp: (here: string, there: string) => string;
}

const LFTP_MIRROR = `mirror --parallel=${CONNECTIONS}`;

const UP = {
  direction: 'upload',
  lftp: (here: string, there: string) => `${LFTP_MIRROR} -R ${here} ${there}`,
} as const;

const DOWN = {
  direction: 'download',
  lftp: (here: string, there: string) => `${LFTP_MIRROR} ${there} ${here}`,
} as const;

const TASKS: readonly Task[] = [
  { title: 'put -r', ...UP, myftp: (here, there) => ['put', '-r', `${here}/`, `:${there}/`] },
  { title: 'get -r', ...DOWN, myftp: (here, there) => ['get', '-r', `:${there}/`, `${here}/`] },
  { title: 'mirror up', ...UP, myftp: (here, there) => ['mirror', here, `:${there}`] },
  { title: 'mirror down', ...DOWN, myftp: (here, there) => ['mirror', `:${there}`, here] },
];

/**
 * How many files of 4 KiB does a client move per second, over 4 connections? Both are programs whose start and login
 * count. MyFTP's client compares digests where the server has them, and sizes elsewhere.
 */
export const clientSmallFiles = smallFilesQuestion({
  name: 'client-small-files',
  isOverTls: false,
});

/** The same over PROT P (RFC 4217). */
export const tlsClientSmallFiles = smallFilesQuestion({
  name: 'tls-client-small-files',
  isOverTls: true,
});

function smallFilesQuestion({ name, isOverTls }: Pick<Question, 'name' | 'isOverTls'>): Question {
  return {
    name,
    isOverTls,
    freshServerPer: 'question',
    warmUpRounds: 1,

    furnish(bench) {
      const [here, there] = [join(bench.sourcesPath, SOURCES), downloadsPath(bench)];
      if (!existsSync(here)) mkdirSync(here);
      for (let i = 0; i < bench.scale.smallFiles; i++) {
        const file = `small${String(i).padStart(4, '0')}`;
        if (!existsSync(join(here, file))) linkFile(bench, join(here, file), FILE_BYTES);
        linkFile(bench, join(there, file), FILE_BYTES);
      }
    },

    scenarios({ smallFiles: count }) {
      const how = `${CONNECTIONS} connections${isOverTls ? ' over TLS' : ''}`;
      return TASKS.map(
        (task): Scenario => ({
          title: `${task.title} of ${formatNumber(count, 0)} files of 4 KiB, ${how}`,
          better: 'more',
          columns: [
            { title: 'files/s', fractionDigits: 0 },
            { title: 'lftp', fractionDigits: 0 },
            { title: 'vs lftp', fractionDigits: 2 },
            { title: 'CPU ms/file', fractionDigits: 2 },
            { title: 'lftp CPU', fractionDigits: 2 },
          ],
          measure: (bench) => measureTask(bench, task),
        }),
      );
    },
  };
}

let measurements = 0;

/** Runs both clients, each one first in turn. */
async function measureTask(bench: Bench, task: Task): Promise<Sample> {
  if (!isInstalled('lftp')) return undefined;
  const isFirst = measurements++ % 2 === 0;
  const early = isFirst ? runInto(bench, task, 'myftp') : undefined;
  const lftp = runInto(bench, task, 'lftp');
  const myftp = early ?? runInto(bench, task, 'myftp');
  const { smallFiles: count } = bench.scale;
  return [
    count / myftp.seconds,
    count / lftp.seconds,
    lftp.seconds / myftp.seconds,
    (myftp.cpuSeconds * 1000) / count,
    (lftp.cpuSeconds * 1000) / count,
  ];
}

/** Into a directory that exists and is empty. */
function runInto(bench: Bench, { direction, ...task }: Task, client: 'myftp' | 'lftp'): ClientRun {
  const { server, sourcesPath, certificate } = bench;
  const isUpload = direction === 'upload';
  const target = join(isUpload ? server.plan.rootPath : sourcesPath, TARGET);
  rmSync(target, { recursive: true, force: true });
  makeOpenDirectory(target);
  const here = isUpload ? join(sourcesPath, SOURCES) : target;
  const there = isUpload ? `/${TARGET}` : `/${DOWNLOADS}`;
  const where = { server, certificatePath: certificate?.certificatePath };
  const run =
    client === 'lftp'
      ? runLftp(where, task.lftp(here, there))
      : runMyFtp(where, [...task.myftp(here, there), '--quiet', '--jobs', String(CONNECTIONS)]);
  const { length: files } = readdirSync(target);
  rmSync(target, { recursive: true });
  if (files !== bench.scale.smallFiles) throw new Error(`${client} moved ${files} files.`);
  return run;
}
