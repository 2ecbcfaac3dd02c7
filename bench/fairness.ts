import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { KIB } from './harness/format.ts';
import type { Bench, Question, Sample } from './harness/question.ts';
import { downloadsPath, linkFile } from './harness/served-files.ts';

const PAYLOAD_BYTES = 64 * KIB;

const STRANGERS = 100;
const USERS = 16;

const floodResult = v.object({
  pings: v.number(),
  medianMs: v.number(),
  p99Ms: v.number(),
  maxMs: v.number(),
});

/** What many clients send over and over. */
interface Flood {
  readonly title: string;
  readonly line: string;
  readonly who: 'stranger' | 'user';
  readonly sessions: number;
  readonly reading: 'reads' | 'deaf';
}

/** How long does a bystander wait while others send as much as they can? */
export const fairness: Question = {
  name: 'fairness',
  isOverTls: false,
  freshServerPer: 'question',
  warmUpRounds: 0,

  furnish(bench) {
    linkFile(bench, join(downloadsPath(bench), 'small'), 4 * KIB);
  },

  scenarios() {
    return FLOODS.map((flood) => ({
      title: `NOOP of a bystander, beside ${flood.title}`,
      better: 'less',
      columns: [
        { title: 'p99 ms', fractionDigits: 2 },
        { title: 'median ms', fractionDigits: 2 },
        { title: 'longest ms', fractionDigits: 1 },
      ],
      measure: (bench) => measureBystander(bench, flood),
    }));
  },
};

const FLOODS: readonly Flood[] = [
  { title: 'nobody', line: '\n', who: 'stranger', sessions: 0, reading: 'reads' },
  ofStrangers('line feeds', '\n'),
  ofStrangers('HELP', 'HELP\r\n'),
  ofStrangers('FEAT', 'FEAT\r\n'),
  ofStrangers('garbage', 'xyzzy \xfe\xfd\r\n'),
  ofStrangers('Telnet commands', '\xff\xf4\xff\xf1\r\n'),
  { ...ofStrangers('HELP, and read nothing', 'HELP\r\n'), reading: 'deaf' },
  ofUsers('STAT', 'STAT\r\n'),
  ofUsers('SIZE and MDTM', 'SIZE downloads/small\r\nMDTM downloads/small\r\n'),
  ofUsers('MLST', 'MLST downloads/small\r\n'),
  ofUsers('HASH of a file of 4 KiB', 'HASH downloads/small\r\n'),
  ofUsers('SITE PARTIALS', 'SITE PARTIALS\r\n'),
  ofUsers('RNFR and RNTO', 'RNFR downloads/small\r\nRNTO downloads/small\r\n'),
  ofUsers('STAT of a directory, and read nothing', 'STAT downloads\r\n', 'deaf'),
];

function ofStrangers(what: string, line: string): Flood {
  const title = `${STRANGERS} strangers that send ${what}`;
  return { title, line, who: 'stranger', sessions: STRANGERS, reading: 'reads' };
}

function ofUsers(what: string, line: string, reading: Flood['reading'] = 'reads'): Flood {
  return { title: `${USERS} users that send ${what}`, line, who: 'user', sessions: USERS, reading };
}

async function measureBystander(bench: Bench, flood: Flood): Promise<Sample> {
  const { line, sessions, who, reading } = flood;
  const payloadPath = join(bench.sourcesPath, 'flood-payload');
  writeFileSync(payloadPath, line.repeat(Math.floor(PAYLOAD_BYTES / line.length)), 'latin1');
  const client = bench.startFlood(payloadPath, sessions, bench.scale.floodMs, who, reading);
  await client.ready();
  client.proceed();
  const { p99Ms, medianMs, maxMs } = v.parse(floodResult, await client.result());
  await client.end();
  return [p99Ms, medianMs, maxMs];
}
