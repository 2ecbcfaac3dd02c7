import { parseArgs } from 'node:util';
import { parseSize } from './format.ts';
import type { Scale } from './question.ts';
import { fullScale, quickScale } from './scales.ts';

export interface BenchOptions {
  /** Names of questions; empty for all. */
  readonly only: readonly string[];
  /** Names of servers; empty for MyFTP and its peers. */
  readonly servers: readonly string[];
  readonly rounds: number;
  readonly scale: Scale;
  readonly jsonPath: string | undefined;
  readonly help: boolean;
}

export const usage = `npm run bench -- [options]

  --only NAME      ask only this question; may be repeated
  --servers NAME   measure only this server; may be repeated
  --rounds N       measurements per server, from 1 to 50 (5)
  --size SIZE      of the large file (1GiB, over TLS 512MiB)
  --quick          small and with one round, to see that everything works
  --json FILE      write every single figure to FILE

  MYFTP_BENCH_PEERS=DIR     find servers below DIR, see .ci/install-peers.sh
  MYFTP_BENCH_PROFILES=DIR  write CPU profiles of the servers that run on Node to DIR
`;

/**
 * Reads the command line.
 *
 * @throws Error with a sentence for the user.
 */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      servers: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      size: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const scale = values.quick ? quickScale : fullScale;
  return {
    only: values.only.flatMap((names) => names.split(',')),
    servers: values.servers.flatMap((names) => names.split(',')),
    rounds: readRounds(values.rounds ?? (values.quick ? '1' : '5')),
    scale: values.size === undefined ? scale : withSize(scale, parseSize(values.size)),
    jsonPath: values.json,
    help: values.help,
  };
}

function withSize(scale: Scale, sizeBytes: number): Scale {
  return { ...scale, bulkBytes: sizeBytes, tlsBulkBytes: sizeBytes };
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50) {
    throw new Error(`--rounds: "${text}" is not a number from 1 to 50.`);
  }
  return rounds;
}
