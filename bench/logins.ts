import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import type { Bench, Question, Sample } from './harness/question.ts';

const SESSIONS = 8;

/** A server may need a moment to bury the processes of its sessions. */
const BURIAL_MS = 300;

const loginResult = v.object({ seconds: v.number(), logins: v.number() });

/** How many clients per second can log in and quit? */
export const logins = loginsQuestion({
  name: 'logins',
  isOverTls: false,
  steps: 'Connect, USER, PASS, QUIT',
});

/** The same with AUTH TLS: a full handshake each time. */
export const tlsLogins = loginsQuestion({
  name: 'tls-logins',
  isOverTls: true,
  steps: 'Connect, AUTH TLS, USER, PASS, QUIT',
});

function loginsQuestion({
  name,
  isOverTls,
  steps,
}: {
  name: string;
  isOverTls: boolean;
  steps: string;
}): Question {
  return {
    name,
    isOverTls,
    freshServerPer: 'question',
    warmUpRounds: 1,

    furnish() {},

    scenarios() {
      return [
        {
          title: `${steps}; ${SESSIONS} clients at a time`,
          better: 'more',
          columns: [
            { title: 'logins/s', fractionDigits: 0 },
            { title: 'CPU ms/login', fractionDigits: 2 },
          ],
          measure: logInRepeatedly,
        },
      ];
    },
  };
}

async function logInRepeatedly(bench: Bench): Promise<Sample> {
  const client = bench.startClient('logins', SESSIONS, bench.scale.logins, bench.scale.limitMs);
  await client.ready();
  const cpuSecondsBefore = bench.server.cpuSeconds();
  client.proceed();
  const result = v.parse(loginResult, await client.result());
  await delay(BURIAL_MS);
  const cpuSeconds = bench.server.cpuSeconds() - cpuSecondsBefore;
  await client.end();
  return [result.logins / result.seconds, (cpuSeconds * 1000) / result.logins];
}
