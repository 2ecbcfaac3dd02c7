import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LocalPlace } from '../tui-client/local/local-place.ts';
import { ConnectionPool } from '../tui-client/remote/connection-pool.ts';
import type { RemoteSession } from '../tui-client/remote/remote-session.ts';
import { TransferQueue } from '../tui-client/transfers/transfer-queue.ts';
import { withoutChecksums } from '../tui-client/transfers/without-checksums.ts';
import { connectTo } from './harness/connect-to.ts';
import { formatSize, MIB } from './harness/format.ts';
import type { Bench, Question, Sample, Scale, Scenario } from './harness/question.ts';
import {
  checkUploads,
  clearUploads,
  DOWNLOADS,
  downloadsPath,
  linkFile,
  UPLOADS,
} from './harness/served-files.ts';

const NAME = 'bulk0000';

type Direction = 'upload' | 'download';

/** Moves the file `here` to or from the file `there` of the server. */
interface Move {
  readonly direction: Direction;
  readonly here: string;
  readonly there: string;
  readonly isOverTls: boolean;
}

type Client = (bench: Bench, move: Move) => Promise<number | undefined>;

/** What curl does not do either is left out of the second. */
const CLIENTS: Readonly<Record<string, Client>> = {
  MyFTP: (bench, move) => moveByMyFtp(bench, move, { verifies: true }),
  'MyFTP --no-verify': (bench, move) => moveByMyFtp(bench, move, { verifies: false }),
  curl: moveByCurl,
};

/** How fast does a client move one large file? */
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
      linkFile(bench, join(downloadsPath(bench), NAME), sizeOf(bench.scale));
      clearUploads(bench);
    },

    scenarios(scale) {
      const sizeBytes = sizeOf(scale);
      const what = `${formatSize(sizeBytes)}${isOverTls ? ' over TLS' : ''}`;
      return (['upload', 'download'] as const).flatMap((direction) =>
        Object.entries(CLIENTS).map(
          ([title, client]): Scenario => ({
            title: `${direction} of ${what} by ${title}`,
            better: 'more',
            columns: [{ title: 'MiB/s', fractionDigits: 0 }],
            measure: (bench) => measureMove(bench, client, { direction, isOverTls, sizeBytes }),
          }),
        ),
      );
    },
  };
}

async function measureMove(
  bench: Bench,
  client: Client,
  {
    direction,
    isOverTls,
    sizeBytes,
  }: Pick<Move, 'direction' | 'isOverTls'> & { sizeBytes: number },
): Promise<Sample> {
  const target = join(bench.sourcesPath, 'client-down');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const isUpload = direction === 'upload';
  const here = isUpload ? join(downloadsPath(bench), NAME) : join(target, NAME);
  const there = `/${isUpload ? UPLOADS : DOWNLOADS}/${NAME}`;
  try {
    const seconds = await client(bench, { direction, here, there, isOverTls });
    if (seconds === undefined) return undefined;
    if (isUpload) checkUploads(bench, { count: 1, sizeBytes });
    else if (statSync(here).size !== sizeBytes)
      throw new Error(`${statSync(here).size} bytes came.`);
    return [sizeBytes / MIB / seconds];
  } finally {
    clearUploads(bench);
    rmSync(target, { recursive: true });
  }
}

/** Logged in beforehand, as somebody is who looks at the panes. */
async function moveByMyFtp(
  { server }: Bench,
  move: Move,
  { verifies }: { verifies: boolean },
): Promise<number> {
  const session = await connectTo(server, { tls: move.isOverTls ? 'explicit' : 'none' });
  try {
    return await timed(() => moveOver(session, move, verifies));
  } finally {
    await session.close();
  }
}

async function moveOver(
  session: RemoteSession,
  { direction, here, there }: Move,
  verifies: boolean,
): Promise<void> {
  const pool = new ConnectionPool({ open: (signal) => session.openAnother(signal), limit: 1 });
  const queue = new TransferQueue({
    site: 'bench',
    local: new LocalPlace(),
    remotePlace: session.place,
    connections: verifies ? pool : withoutChecksums(pool),
    onConflict: async () => ({ policy: 'overwrite', scope: 'all' }),
  });
  const [from, to] = direction === 'upload' ? [here, there] : [there, here];
  queue.add([{ direction, kind: 'file', from, to, policy: 'overwrite' }]);
  await queue.idle();
  const { counts, jobs } = queue.snapshot();
  await pool.close();
  if (counts.done !== 1) throw new Error(jobs[0]?.error?.message ?? 'It failed.');
}

/** Its start, its login and its directories count, and are milliseconds. */
async function moveByCurl({ server }: Bench, move: Move): Promise<number | undefined> {
  if (spawnSync('curl', ['--version']).status !== 0) return undefined;
  const { port, plan } = server;
  const what = move.direction === 'upload' ? ['--upload-file', move.here] : ['--output', move.here];
  const tls = move.isOverTls ? ['--ssl-reqd', '--insecure'] : [];
  const args = ['--disable', '--silent', '--show-error', '--user', `${plan.user}:${plan.password}`];
  return timed(async () => {
    const url = `ftp://127.0.0.1:${port}${move.there}`;
    const { status, stderr } = spawnSync('curl', [...args, ...tls, ...what, url]);
    if (status !== 0) throw new Error(stderr.toString());
  });
}

async function timed(task: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await task();
  return (performance.now() - started) / 1000;
}
