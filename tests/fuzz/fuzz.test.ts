import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { check } from './check.ts';
import { FuzzedServer } from './fuzzed-server.ts';
import { commandScenario, octetScenario } from './scenarios.ts';

/** `npm run fuzz` takes longer, and other seeds. */
const SEED = 959;

describe('the control connection', () => {
  let server: FuzzedServer;

  beforeAll(async () => {
    server = await FuzzedServer.start();
  });
  afterAll(() => server.dispose());

  test('any octets get right replies or a clean close', async () => {
    const plays = await check({ server, scenarios: octetScenario, seed: SEED, seconds: 7 });
    expect(plays).toBeGreaterThan(5);
  });

  test('any commands and data connections leave the server sound and the quota exact', async () => {
    const plays = await check({ server, scenarios: commandScenario, seed: SEED, seconds: 15 });
    expect(plays).toBeGreaterThan(5);
  });
});
