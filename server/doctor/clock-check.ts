import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { DatabaseInspection } from '../../db/inspect-database.ts';
import { existingParent } from './directory-checks.ts';
import { type Check, ok, problem, type Verdict, warning } from './finding.ts';

/** A file without a name, which is gone when it is closed; the flag is Linux's own. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
const EARLIEST_YEAR = 2026;
const LATEST_YEAR = 2100;
const MAX_DIFFERENCE_MS = 2000;
/** The audit trail is written a moment later than it happens, and clocks are corrected by moments. */
const MAX_BACKWARD_MS = 60_000;
const REMEDY = 'Set the clock of this host, and keep it right with chrony or systemd-timesyncd.';

/** Wrong clocks let partials and invites expire early, and certificates look invalid. */
export const clockCheck: Check = {
  id: 'clock',
  async inspect({ settings: { dataDir }, now, database }) {
    const nowMs = now();
    const verdicts = [
      ...yearVerdict(nowMs),
      ...databaseVerdict(await database().then(latestOf, () => undefined), nowMs),
      ...fileVerdict(dataDir),
    ];
    if (verdicts.length > 0) return verdicts;
    return [ok(`The clock shows ${timeText(nowMs)}.`)];
  },
};

function latestOf(inspection: DatabaseInspection | undefined): number | undefined {
  return inspection?.latestMs;
}

function* yearVerdict(nowMs: number): Generator<Verdict> {
  const year = new Date(nowMs).getUTCFullYear();
  if (year >= EARLIEST_YEAR && year <= LATEST_YEAR) return;
  yield problem(`The clock shows the year ${year}.`, REMEDY);
}

function* databaseVerdict(latestMs: number | undefined, nowMs: number): Generator<Verdict> {
  if (latestMs === undefined || latestMs - nowMs <= MAX_BACKWARD_MS) return;
  yield problem(
    `The clock shows ${timeText(nowMs)}, and the database has an entry of ${timeText(latestMs)}: the clock is slow now or was fast then.`,
    REMEDY,
  );
}

/** On a network file system the times of files are the file server's. */
function* fileVerdict(dataDir: string): Generator<Verdict> {
  const writtenMs = timeOfWrite(existingParent(dataDir));
  if (writtenMs === undefined) return;
  const differenceMs = Math.abs(writtenMs - Date.now());
  if (differenceMs <= MAX_DIFFERENCE_MS) return;
  yield warning(
    `A file that is written in ${dataDir} gets a time that is ${Math.round(differenceMs / 1000)} s off the clock of this host.`,
    'Set the clocks of this host and of the file server.',
  );
}

/** Undefined where the file system has no files without a name, or the user may not write. */
function timeOfWrite(directory: string): number | undefined {
  try {
    const descriptor = openSync(directory, constants.O_RDWR | O_TMPFILE, 0o600);
    try {
      writeSync(descriptor, 'x');
      return fstatSync(descriptor).mtimeMs;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
