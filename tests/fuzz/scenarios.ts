import fc from 'fast-check';
import { commandLine, randomOctets } from './command-lines.ts';
import type { DataPlan, DataRoute, Scenario, Step } from './scenario.ts';

const cuts = fc.oneof(
  { arbitrary: fc.constant<number[]>([]), weight: 3 },
  { arbitrary: fc.array(fc.nat({ max: 1000 }), { maxLength: 4 }), weight: 1 },
);

const plan: fc.Arbitrary<DataPlan> = fc.record({
  payloadBytes: fc.constantFrom(0, 1, 100, 5000, 70_000, 1_200_000, 5_000_000),
  end: fc.constantFrom('fin', 'fin', 'fin', 'rst', 'open'),
  reads: fc.constantFrom(true, true, true, false),
});

const route: fc.Arbitrary<DataRoute> = fc.oneof(
  {
    arbitrary: fc.record({
      from: fc.constant('client' as const),
      kind: fc.constantFrom('PASV' as const, 'EPSV' as const),
      plan: fc.oneof(
        { arbitrary: plan, weight: 8 },
        { arbitrary: fc.constantFrom('never' as const, 'stranger' as const), weight: 1 },
      ),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      from: fc.constant('server' as const),
      kind: fc.constantFrom('PORT' as const, 'EPRT' as const),
      plan: fc.oneof(
        { arbitrary: plan, weight: 6 },
        { arbitrary: fc.constant('refuse' as const), weight: 1 },
      ),
    }),
    weight: 1,
  },
);

/** Two or three lines in one go: pipelining. */
const pipelined = fc
  .array(commandLine, { minLength: 1, maxLength: 4 })
  .map((lines) => Buffer.concat(lines));

const TRANSFERS = [
  'RETR a',
  'RETR d/a',
  'STOR a',
  'STOR b',
  'STOR d/a',
  'STOR link/a',
  'APPE a',
  'APPE d/a',
  'STOU',
  'LIST',
  'MLSD d',
  'NLST',
];

/** A transfer as clients run it, and what comes upon it. */
const transfer = fc
  .tuple(
    fc.constantFrom('', '', '', 'TYPE A\r\n', 'REST 50\r\n', 'REST 3000\r\n', 'RANG 3 90\r\n'),
    fc.constantFrom(...TRANSFERS),
    fc.constantFrom('', '', '', 'ABOR\r\n', 'NOOP\r\nSTAT\r\n', 'STAT\r\nABOR\r\n', 'QUIT\r\n'),
  )
  .map(([before, command, after]) => Buffer.from(`${before}${command}\r\n${after}`));

/** What partial uploads and running ones have to follow. */
const nameChange = fc
  .constantFrom(
    'MKD d\r\n',
    'RMD d\r\n',
    'RNFR d\r\nRNTO e\r\n',
    'RNFR e\r\nRNTO d\r\n',
    'RNFR a\r\nRNTO d/a\r\n',
    'RNFR link/a\r\nRNTO b\r\n',
    'DELE a\r\n',
    'DELE link/a\r\nRMD d\r\n',
    'SITE PARTIALS\r\n',
  )
  .map((lines) => Buffer.from(lines));

const who = fc.nat({ max: 2 });

/** Steps that belong together and stay together, which is what makes transfers happen. */
const steps: fc.Arbitrary<Step[]> = fc.oneof(
  {
    arbitrary: fc
      .tuple(who, pipelined, cuts)
      .map(([client, octets, at]): Step[] => [{ who: client, kind: 'send', octets, cuts: at }]),
    weight: 5,
  },
  {
    arbitrary: fc
      .tuple(who, route, transfer, cuts, fc.boolean())
      .map(([client, way, octets, at, isAwaited]): Step[] => [
        { who: client, kind: 'data', route: way },
        { who: client, kind: 'send', octets, cuts: at },
        ...(isAwaited ? [{ who: client, kind: 'settle' } as const] : []),
      ]),
    weight: 5,
  },
  {
    arbitrary: fc
      .tuple(who, nameChange)
      .map(([client, octets]): Step[] => [{ who: client, kind: 'send', octets, cuts: [] }]),
    weight: 2,
  },
  {
    arbitrary: fc
      .tuple(who, fc.constantFrom('fin' as const, 'rst' as const))
      .map(([client, how]): Step[] => [{ who: client, kind: 'leave', how }]),
    weight: 1,
  },
);

/** Up to three sessions of one account that send commands and open data connections. */
export const commandScenario: fc.Arbitrary<Scenario> = fc
  .tuple(
    fc.constantFrom('logged in' as const, 'logged in' as const, 'stranger' as const),
    fc.array(steps, { minLength: 1, maxLength: 14 }),
  )
  .map(([last, groups]) => ({ clients: ['logged in', 'logged in', last], steps: groups.flat() }));

/** One client that sends octets, cut anywhere. */
export const octetScenario: fc.Arbitrary<Scenario> = fc
  .tuple(
    fc.constantFrom('logged in' as const, 'stranger' as const),
    fc.array(fc.tuple(randomOctets, fc.array(fc.nat({ max: 1000 }), { maxLength: 12 })), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom('fin' as const, 'rst' as const),
  )
  .map(([client, sent, how]) => ({
    clients: [client],
    steps: [
      ...sent.map(([octets, at]): Step => ({ who: 0, kind: 'send', octets, cuts: at })),
      { who: 0, kind: 'leave', how },
    ],
  }));
