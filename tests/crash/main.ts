import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { crashTest } from './crash-test.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    clients: { type: 'string', default: '8' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const clients = Number(values.clients);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!(kills > 0) || !(clients > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write(
    'Usage: npm run crash-test -- [--kills 200] [--clients 8] [--seed N] [--keep]\n',
  );
  process.exit(2);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

crashTest({ kills, clients, seed, isKept: values.keep, say }).then(
  ({ findings }) => process.exit(findings.length === 0 ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
