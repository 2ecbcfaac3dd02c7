import fc from 'fast-check';
import type { FuzzedServer } from './fuzzed-server.ts';
import { play } from './play.ts';
import { describeScenario, type Scenario } from './scenario.ts';

interface CheckOptions {
  readonly server: FuzzedServer;
  readonly scenarios: fc.Arbitrary<Scenario>;
  /** The same seed makes the same scenarios. */
  readonly seed: number;
  readonly seconds: number;
}

/**
 * Plays scenarios until the time is over or one of them finds a fault, which is then made as small as it
 * gets.
 *
 * @returns how many were played.
 * @throws Error with the seed, the smallest scenario and what was wrong.
 */
export async function check(options: CheckOptions): Promise<number> {
  const { server, scenarios, seed, seconds } = options;
  let plays = 0;
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    plays += 1;
    const faults = await play(scenario, server);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  });
  const details = await fc.check(property, {
    seed,
    numRuns: 10_000_000,
    interruptAfterTimeLimit: seconds * 1000,
  });
  if (details.failed && details.counterexample !== null) {
    throw new Error(reportOf(details, seed));
  }
  return plays;
}

function reportOf(details: fc.RunDetails<[Scenario]>, seed: number): string {
  const [scenario] = details.counterexample ?? [];
  const { errorInstance: error } = details;
  return [
    `seed ${seed}, run ${details.numRuns}, shrunk ${details.numShrinks} times:`,
    scenario === undefined ? '' : describeScenario(scenario),
    error instanceof Error ? error.message : String(error),
  ].join('\n');
}
