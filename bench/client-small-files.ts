import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LocalPlace } from '../tui-client/local/local-place.ts';
import { ConnectionPool } from '../tui-client/remote/connection-pool.ts';
import { planMirror } from '../tui-client/transfers/mirror.ts';
import { runMirror } from '../tui-client/transfers/run-mirror.ts';
import { TransferQueue } from '../tui-client/transfers/transfer-queue.ts';
import { withoutChecksums } from '../tui-client/transfers/without-checksums.ts';
import { connectTo } from './harness/connect-to.ts';
import { formatNumber, KIB } from './harness/format.ts';
import type { Bench, Question, Sample, Scenario } from './harness/question.ts';
import { downloadsPath, linkFile, makeOpenDirectory } from './harness/served-files.ts';

const FILE_BYTES = 4 * KIB;

const CONNECTIONS = 4;

type Direction = 'upload' | 'download';

/** Mirrors the directory `here` to or from the directory `there` of the server. */
interface Task {
  readonly direction: Direction;
  readonly here: string;
  readonly there: string;
  readonly isOverTls: boolean;
}

type Mirror = (bench: Bench, task: Task) => Promise<void>;

/** What lftp does not do either is left out of the second. */
const CLIENTS: Readonly<Record<string, Mirror>> = {
  MyFTP: (bench, task) => mirrorByMyFtp(bench, task, { verifies: true }),
  'MyFTP --no-verify': (bench, task) => mirrorByMyFtp(bench, task, { verifies: false }),
  lftp: mirrorByLftp,
};

/**
 * How many files of 4 KiB does a client mirror per second, over 4 connections? MyFTP's client runs in the
 * bench's own process and compares digests where the server has them; lftp is a program, whose start counts.
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
    warmUpRounds: 2,

    furnish(bench) {
      const [here, there] = [join(bench.sourcesPath, 'client-up'), downloadsPath(bench)];
      if (!existsSync(here)) mkdirSync(here);
      for (let i = 0; i < bench.scale.smallFiles; i++) {
        const file = `small${String(i).padStart(4, '0')}`;
        if (!existsSync(join(here, file))) linkFile(bench, join(here, file), FILE_BYTES);
        linkFile(bench, join(there, file), FILE_BYTES);
      }
    },

    scenarios({ smallFiles: count }) {
      const how = `${CONNECTIONS} connections${isOverTls ? ' over TLS' : ''}`;
      return (['upload', 'download'] as const).flatMap((direction) =>
        Object.entries(CLIENTS).map(
          ([client, mirror]): Scenario => ({
            title: `${direction} of ${formatNumber(count, 0)} files of 4 KiB by ${client}, ${how}`,
            better: 'more',
            columns: [{ title: 'files/s', fractionDigits: 0 }],
            measure: (bench) => measureMirror(bench, { direction, isOverTls }, { client, mirror }),
          }),
        ),
      );
    },
  };
}

async function measureMirror(
  bench: Bench,
  { direction, isOverTls }: Pick<Task, 'direction' | 'isOverTls'>,
  { client, mirror }: { client: string; mirror: Mirror },
): Promise<Sample> {
  if (client === 'lftp' && spawnSync('lftp', ['--version']).status !== 0) return undefined;
  const { rootPath } = bench.server.plan;
  const target =
    direction === 'upload' ? join(rootPath, 'mirrored') : join(bench.sourcesPath, 'client-down');
  rmSync(target, { recursive: true, force: true });
  makeOpenDirectory(target);
  const [here, there] =
    direction === 'upload'
      ? [join(bench.sourcesPath, 'client-up'), '/mirrored']
      : [target, '/downloads'];
  const started = performance.now();
  await mirror(bench, { direction, here, there, isOverTls });
  const seconds = (performance.now() - started) / 1000;
  const { length: files } = readdirSync(target);
  rmSync(target, { recursive: true });
  if (files !== bench.scale.smallFiles) throw new Error(`${files} files arrived.`);
  return [files / seconds];
}

async function mirrorByMyFtp(
  bench: Bench,
  { direction, here, there, isOverTls }: Task,
  { verifies }: { verifies: boolean },
): Promise<void> {
  const local = new LocalPlace();
  const session = await connectTo(bench.server, { tls: isOverTls ? 'explicit' : 'none' });
  const open = (signal?: AbortSignal) => session.openAnother(signal);
  const pool = new ConnectionPool({ open, limit: CONNECTIONS });
  const remotePlace = session.place;
  const queue = new TransferQueue({
    site: 'bench',
    local,
    remotePlace,
    connections: verifies ? pool : withoutChecksums(pool),
    workers: CONNECTIONS,
    onConflict: async () => ({ policy: 'overwrite', scope: 'all' }),
  });
  const isUpload = direction === 'upload';
  const [from, to] = isUpload ? [here, there] : [there, here];
  const how = { compareBy: 'size-and-time', extras: 'keep' } as const;
  const [source, target] = isUpload ? [local, remotePlace] : [remotePlace, local];
  const mirrorPlan = await planMirror({ direction, source, target, from, to, ...how });
  const { failedFiles } = await runMirror(mirrorPlan, { queue, target });
  await pool.close();
  await session.close();
  if (failedFiles > 0) throw new Error(queue.snapshot().notices[0]?.error.message ?? 'It failed.');
}

async function mirrorByLftp(
  bench: Bench,
  { direction, here, there, isOverTls }: Task,
): Promise<void> {
  const { port, plan } = bench.server;
  const what = direction === 'upload' ? `-R ${here} ${there}` : `${there} ${here}`;
  const tls = isOverTls
    ? 'set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ssl:verify-certificate no'
    : 'set ftp:ssl-allow no';
  const commands = `${tls}; mirror -P${CONNECTIONS} ${what}; quit`;
  const args = ['--norc', '-u', `${plan.user},${plan.password}`, '-e', commands];
  const { status, stderr } = spawnSync('lftp', [...args, `ftp://127.0.0.1:${port}`]);
  if (status !== 0) throw new Error(stderr.toString());
}
