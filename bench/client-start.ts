import { join } from 'node:path';
import type { Bench, Question, Sample } from './harness/question.ts';
import { type ClientRun, isInstalled, runCurl, runLftp, runMyFtp } from './harness/run-client.ts';
import { linkFile, makeOpenDirectory } from './harness/served-files.ts';

const LISTED = 'listed';
const FILES = 10;

/** How long does it take until a directory is listed, from the start of the program to its end? */
export const clientStart: Question = {
  name: 'client-start',
  isOverTls: false,
  freshServerPer: 'question',
  warmUpRounds: 2,

  furnish(bench) {
    const directory = makeOpenDirectory(join(bench.server.plan.rootPath, LISTED));
    for (let i = 0; i < FILES; i++) linkFile(bench, join(directory, `file${i}`), 1);
  },

  scenarios: () => [
    {
      title: 'cold start: list a directory of 10 files and end',
      better: 'less',
      columns: [
        { title: 'ms', fractionDigits: 0 },
        { title: 'CPU ms', fractionDigits: 0 },
        { title: 'lftp ms', fractionDigits: 0 },
        { title: 'curl ms', fractionDigits: 0 },
      ],
      measure: async (bench) => measureStart(bench),
    },
  ],
};

function measureStart({ server }: Bench): Sample {
  if (!isInstalled('lftp') || !isInstalled('curl')) return undefined;
  const where = { server, certificatePath: undefined };
  const myftp = runMyFtp(where, ['ls', `:/${LISTED}`]);
  const lftp = runLftp(where, `cls /${LISTED}`);
  const curl = runCurl(where, [], `/${LISTED}/`);
  const ms = ({ seconds }: ClientRun) => seconds * 1000;
  return [ms(myftp), myftp.cpuSeconds * 1000, ms(lftp), ms(curl)];
}
