import { setTimeout as delay } from 'node:timers/promises';
import { KIB, MIB } from './harness/format.ts';
import type { Bench, Question, Sample } from './harness/question.ts';

/** Sessions that are there before the first look, so that what the first ones load is not counted. */
const BASE_SESSIONS = 20;

/** How much memory does a session cost that is logged in and does nothing? */
export const idleMemory: Question = {
  name: 'idle-memory',
  isOverTls: false,
  freshServerPer: 'round',
  warmUpRounds: 0,

  furnish() {},

  scenarios({ idleSessions: { few, many } }) {
    return [
      {
        title: `Memory of an idle session (PSS of all processes)`,
        better: 'less',
        columns: [
          { title: `KiB each, ${few} to ${many}`, fractionDigits: 1 },
          { title: `KiB each, ${BASE_SESSIONS} to ${few}`, fractionDigits: 1 },
          { title: `MiB in all at ${many}`, fractionDigits: 1 },
        ],
        measure: measureGrowth,
      },
    ];
  },
};

async function measureGrowth(bench: Bench): Promise<Sample> {
  const { few, many } = bench.scale.idleSessions;
  await warmUp(bench);
  const client = bench.startClient('idle', BASE_SESSIONS, few, many);
  const memoryBytes: number[] = [];
  for (let step = 0; step < 3; step++) {
    await client.ready();
    await delay(bench.scale.settleMs);
    memoryBytes.push(bench.server.memoryBytes());
    client.proceed();
  }
  await client.result();
  await client.end();
  const [base = 0, atFew = 0, atMany = 0] = memoryBytes;
  return [
    (atMany - atFew) / KIB / (many - few),
    (atFew - base) / KIB / (few - BASE_SESSIONS),
    atMany / MIB,
  ];
}

async function warmUp(bench: Bench): Promise<void> {
  const client = bench.startClient('logins', 4, 100, bench.scale.limitMs);
  await client.ready();
  client.proceed();
  await client.result();
  await client.end();
}
