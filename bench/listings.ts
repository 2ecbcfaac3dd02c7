import { join } from 'node:path';
import * as v from 'valibot';
import { formatNumber } from './harness/format.ts';
import { measure } from './harness/measure.ts';
import type { Bench, Question, Sample } from './harness/question.ts';
import { makeOpenDirectory, writeFile } from './harness/served-files.ts';

const NAME_PREFIX = 'entry-';

const listingResult = v.object({
  supported: v.boolean(),
  listings: v.number(),
  entries: v.number(),
  medianSeconds: v.number(),
});

/** How long does the listing of a large directory take? */
export const listings: Question = {
  name: 'listings',
  isOverTls: false,
  freshServerPer: 'question',
  warmUpRounds: 1,

  furnish({ server, scale }) {
    const path = makeOpenDirectory(join(server.plan.rootPath, 'large'));
    for (let i = 0; i < scale.listedEntries; i++) {
      writeFile(join(path, `${NAME_PREFIX}${String(i).padStart(5, '0')}.dat`), i % 100);
    }
  },

  scenarios({ listedEntries }) {
    return (['LIST', 'MLSD', 'NLST'] as const).map((verb) => ({
      title: `${verb} of ${formatNumber(listedEntries, 0)} entries`,
      better: 'less',
      columns: [
        { title: 'ms', fractionDigits: 1 },
        { title: 'CPU ms', fractionDigits: 1 },
      ],
      measure: (bench) => list(bench, verb),
    }));
  },
};

async function list(bench: Bench, verb: string): Promise<Sample> {
  const { listings: repeats, listedEntries, limitMs } = bench.scale;
  const args = [verb, '/large', NAME_PREFIX, repeats, limitMs];
  const { result, cpuSeconds } = await measure(bench, 'list', ...args);
  const { supported, listings: count, entries, medianSeconds } = v.parse(listingResult, result);
  if (!supported) return undefined;
  if (entries !== listedEntries) throw new Error(`${entries} entries were listed.`);
  return [medianSeconds * 1000, (cpuSeconds * 1000) / count];
}
