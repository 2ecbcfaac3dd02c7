import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { check } from './check.ts';
import { FuzzedServer } from './fuzzed-server.ts';
import { commandScenario, octetScenario } from './scenarios.ts';

/** A server is used for so long, so that a fault that builds up slowly is still near its cause. */
const ROUND_SECONDS = 30;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds);
const firstSeed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!(seconds > 0) || !Number.isSafeInteger(firstSeed)) {
  process.stderr.write('Usage: npm run fuzz -- [--seconds 600] [--seed N]\n');
  process.exit(2);
}

/** Plays scenarios of both kinds against one server after another, each with a seed of its own. */
async function fuzz(): Promise<void> {
  const endMs = Date.now() + seconds * 1000;
  for (let seed = firstSeed; Date.now() < endMs; seed += 1) {
    const server = await FuzzedServer.start();
    const round = { server, seed };
    const leftSeconds = Math.min(ROUND_SECONDS, (endMs - Date.now()) / 1000);
    const octets = await check({ ...round, scenarios: octetScenario, seconds: leftSeconds / 4 });
    const commands = await check({
      ...round,
      scenarios: commandScenario,
      seconds: (leftSeconds / 4) * 3,
    });
    await server.dispose();
    process.stdout.write(`seed ${seed}: ${octets} + ${commands} scenarios, no fault\n`);
  }
}

fuzz().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
