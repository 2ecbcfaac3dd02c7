import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber, KIB, MIB } from './harness/format.ts';
import type { Bench, Question, Sample, Scenario } from './harness/question.ts';
import { type ClientRun, runMyFtp } from './harness/run-client.ts';
import { linkFile, makeOpenDirectory } from './harness/served-files.ts';

const FILE_BYTES = 1 * KIB;

const CONNECTIONS = 4;

const SOURCES = 'client-tree';
const TARGET = 'tree-copy';

/**
 * Does a large tree go up and down at a steady rate, and in how much memory? Both as a copy and as a mirror. What the
 * screens do at the same time is measured by `npm run bench:screen`.
 */
export const clientTree: Question = {
  name: 'client-tree',
  isOverTls: false,
  freshServerPer: 'question',
  warmUpRounds: 0,

  furnish(bench) {
    const { directories, filesEach } = bench.scale.tree;
    for (const root of [
      join(bench.sourcesPath, SOURCES),
      join(bench.server.plan.rootPath, SOURCES),
    ]) {
      if (existsSync(root)) continue;
      makeOpenDirectory(root);
      for (let i = 0; i < directories; i++) {
        const directory = makeOpenDirectory(join(root, `directory${i}`));
        for (let j = 0; j < filesEach; j++)
          linkFile(bench, join(directory, `file${j}`), FILE_BYTES);
      }
    }
  },

  scenarios({ tree: { directories, filesEach } }) {
    const count = directories * filesEach;
    const what = `${formatNumber(count, 0)} files in ${formatNumber(directories, 0)} directories`;
    return (['put -r', 'get -r', 'mirror up', 'mirror down'] as const).map(
      (task): Scenario => ({
        title: `${task} of ${what}, ${CONNECTIONS} connections`,
        better: 'more',
        columns: [
          { title: 'files/s', fractionDigits: 0 },
          { title: 'CPU ms/file', fractionDigits: 2 },
          { title: 'peak MiB', fractionDigits: 0 },
        ],
        measure: async (bench) => measureTree(bench, task, count),
      }),
    );
  },
};

type Task = 'put -r' | 'get -r' | 'mirror up' | 'mirror down';

function measureTree(bench: Bench, task: Task, count: number): Sample {
  const { server, sourcesPath } = bench;
  const isUpload = task === 'put -r' || task === 'mirror up';
  const target = join(isUpload ? server.plan.rootPath : sourcesPath, TARGET);
  makeOpenDirectory(target);
  try {
    const where = { server, certificatePath: undefined };
    const run = runMyFtp(where, [
      ...argumentsOf(task, join(sourcesPath, isUpload ? SOURCES : TARGET)),
      ...['--quiet', '--jobs', String(CONNECTIONS)],
    ]);
    checkCount(target, count);
    return figuresOf(run, count);
  } finally {
    rmSync(target, { recursive: true });
  }
}

function argumentsOf(task: Task, here: string): readonly string[] {
  switch (task) {
    case 'put -r':
      return ['put', '-r', `${here}/`, `:/${TARGET}/`];
    case 'get -r':
      return ['get', '-r', `:/${SOURCES}/`, `${here}/`];
    case 'mirror up':
      return ['mirror', here, `:/${TARGET}`];
    case 'mirror down':
      return ['mirror', `:/${SOURCES}`, here];
  }
}

function figuresOf({ seconds, cpuSeconds, peakBytes }: ClientRun, count: number): Sample {
  return [count / seconds, (cpuSeconds * 1000) / count, peakBytes / MIB];
}

function checkCount(directory: string, expected: number): void {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const { length: files } = entries.filter((entry) => entry.isFile());
  if (files !== expected) throw new Error(`${files} files arrived instead of ${expected}.`);
}
