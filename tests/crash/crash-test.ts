import { FaultInjector } from '../faults/fault-injector.ts';
import { BuiltServer } from './built-server.ts';
import { Octets } from './content.ts';
import { World } from './crash-run.ts';
import { Random } from './random.ts';
import { Tally } from './tally.ts';

interface CrashTestOptions {
  readonly kills: number;
  readonly clients: number;
  /** The same seed chooses the same commands and sizes; when the server dies depends on the machine, too. */
  readonly seed: number;
  /** Whether the data directories stay for a look, even if nothing was found. */
  readonly isKept: boolean;
  readonly say: (line: string) => void;
}

/** Kills the server until it was killed often enough, and tells what was checked and what was found. */
export async function crashTest(options: CrashTestOptions): Promise<Tally> {
  const { kills, clients, seed, say } = options;
  say(`seed ${seed}, ${clients} clients`);
  const built = await BuiltServer.build();
  const injector = FaultInjector.compile();
  if (injector === undefined)
    say('no fault injector (gcc): the server is killed from outside only');
  const random = new Random(seed);
  const octets = new Octets(seed);
  const tally = new Tally();
  let streams = 0;
  const newStream = () => {
    streams += 1;
    return streams;
  };
  try {
    while (tally.count('kills') < kills && tally.findings.length === 0) {
      const parts = { built, injector, seed, random, octets, tally, clients, newStream };
      await liveOnce(await World.create(parts), options, tally);
    }
  } finally {
    injector?.dispose();
    await built.dispose();
  }
  report(tally, options);
  return tally;
}

/** So many kills, and a new data directory is begun. */
const KILLS_PER_WORLD = 25;

async function liveOnce(world: World, options: CrashTestOptions, tally: Tally): Promise<void> {
  const { kills, isKept, say } = options;
  const last = Math.min(tally.count('kills') + KILLS_PER_WORLD, kills);
  try {
    while (tally.count('kills') < last && tally.findings.length === 0) {
      const moment = await world.round();
      say(`kill ${tally.count('kills')}, ${moment}: ${tally.findings.length} findings`);
    }
    if (tally.findings.length === 0) await world.end();
  } catch (error) {
    tally.find(String(error instanceof Error ? error.stack : error));
  } finally {
    await world.dispose();
  }
  if (isKept || tally.findings.length > 0) say(`kept: ${world.directory}`);
  else await world.remove();
}

function report(tally: Tally, { say, seed }: CrashTestOptions): void {
  say('\nchecked:');
  for (const [what, count] of tally.counts) say(`  ${String(count).padStart(8)}  ${what}`);
  say(`found (seed ${seed}): ${tally.findings.length === 0 ? 'nothing' : ''}`);
  for (const finding of tally.findings) say(`  ${finding}`);
}
