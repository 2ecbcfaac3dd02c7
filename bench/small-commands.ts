import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber, KIB } from './harness/format.ts';
import { measure } from './harness/measure.ts';
import type { Bench, Question, Sample, Scenario } from './harness/question.ts';
import {
  clearUploads,
  DOWNLOADS,
  downloadsPath,
  linkFile,
  UPLOADS,
  uploadsPath,
} from './harness/served-files.ts';
import { parseTransfers } from './harness/transfer-result.ts';

const FILE_BYTES = 4 * KIB;
const VERBS = ['NOOP', 'SIZE', 'MKD', 'DELE'] as const;

interface Commands {
  readonly verb: (typeof VERBS)[number];
  readonly sessions: number;
}

/** How many commands without a data connection per second, each sent after the reply to the one before? */
export const smallCommands: Question = {
  name: 'small-commands',
  isOverTls: false,
  freshServerPer: 'question',
  warmUpRounds: 3,

  furnish(bench) {
    linkSmallFiles(bench, downloadsPath(bench), bench.scale.smallFiles);
    clearUploads(bench);
  },

  scenarios({ smallFiles: count }) {
    return [1, 8, 32].flatMap((sessions) =>
      VERBS.map(
        (verb): Scenario => ({
          title: `${formatNumber(count, 0)} ${verb} on ${sessions === 1 ? '1 session' : `each of ${sessions} sessions`}`,
          better: 'more',
          columns: [
            { title: 'commands/s', fractionDigits: 0 },
            { title: 'CPU µs/command', fractionDigits: 0 },
          ],
          measure: (bench) => send(bench, { verb, sessions }),
        }),
      ),
    );
  },
};

async function send(bench: Bench, { verb, sessions }: Commands): Promise<Sample> {
  const { smallFiles: count, limitMs } = bench.scale;
  const directory = verb === 'SIZE' ? DOWNLOADS : UPLOADS;
  const linked = verb === 'DELE' ? sessions * count : 0;
  linkSmallFiles(bench, uploadsPath(bench), linked);
  try {
    const args = [verb, `/${directory}`, 'small', sessions, count, limitMs];
    const { result, cpuSeconds } = await measure(bench, 'commands', ...args);
    const { seconds, files: commands } = parseTransfers(result);
    if (verb === 'MKD') requireEntries(bench, commands);
    if (verb === 'DELE') requireEntries(bench, linked - commands);
    return [commands / seconds, (cpuSeconds * 1e6) / commands];
  } finally {
    clearUploads(bench);
  }
}

function linkSmallFiles(bench: Bench, path: string, count: number): void {
  for (let i = 0; i < count; i++) {
    linkFile(bench, join(path, `small${String(i).padStart(4, '0')}`), FILE_BYTES);
  }
}

/** @throws Error unless the directory for uploads holds `count` entries. */
function requireEntries(bench: Bench, count: number): void {
  const { length } = readdirSync(uploadsPath(bench));
  if (length !== count) throw new Error(`${length} entries are there instead of ${count}.`);
}
