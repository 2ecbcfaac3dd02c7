/** Fails if an import of the server points to a higher layer, or to none. `check.sh` runs it. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';

/** Top first: a file may import from its own layer and from those below. */
const LAYERS = [
  'server/main.ts',
  'server/run-process.ts',
  'server/cli',
  'server/backup',
  'server/doctor',
  'server/compose.ts',
  'server/stop-server.ts',
  'server/services',
  'server/admin-socket',
  'server/start',
  'server/metrics',
  'server/ftp-srv',
  'server/session',
  'server/control',
  'server/commands',
  'server/transfer',
  'server/contract',
  'server/retention',
  'server/files',
  'server/data',
  'server/tls',
  'server/guards',
  'server/password-check',
  'server/config',
  'server/uploads',
  'server/trash',
  'server/checksums',
  'server/listing',
  'server/hooks',
  'server/programs',
  'server/accounts',
  'server/audit',
  'server/quota',
  'server/logging',
  'server/rights',
  'server/disk',
  'server/workers',
  'server/network',
  'server/system',
  'server/scheduling',
  'server/collections',
  'server/errors',
  'server/version.ts',
  'db',
];

/** Imports that point up. Worker threads load their tasks by name, and the tasks use what runs them. */
const EXCEPTIONS = new Set([
  'server/workers > server/checksums',
  'server/workers > server/listing',
  'server/workers > server/disk',
]);

const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

function layerOf(file: string): string | undefined {
  return LAYERS.find((layer) => file === layer || file.startsWith(`${layer}/`));
}

function importsOf(file: string): string[] {
  const matches = readFileSync(file, 'utf8').matchAll(IMPORT);
  return [...matches].map(([, path]) => normalize(`${dirname(file)}/${path}`));
}

function problemOf(from: string, to: string): string | undefined {
  const [upper, lower] = [layerOf(from), layerOf(to)];
  if (upper === undefined) return `${from}: its folder is in no layer; add it to LAYERS`;
  if (lower === undefined) return `${from}: imports ${to}, which is in no layer`;
  if (LAYERS.indexOf(upper) <= LAYERS.indexOf(lower)) return undefined;
  if (EXCEPTIONS.has(`${upper} > ${lower}`)) return undefined;
  return `${from}: imports ${to}, and ${lower} is above ${upper}`;
}

const files = globSync('{server,db}/**/*.ts').filter(
  (file) => !/\.test\.ts$|\/testing\//.test(file),
);
const problems = files.flatMap((file) =>
  importsOf(file).flatMap((to) => problemOf(file, to) ?? []),
);
for (const problem of new Set(problems)) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
