import { expect, test } from '@jest/globals';
import { Pacer } from './pacer.ts';
import { RateBucket } from './rate-bucket.ts';

const MIB = 1024 * 1024;

interface Runner {
  readonly pacer: Pacer;
  moved: number;
  /** When it may move its next portion. */
  nextMs: number;
}

/** Moves portions of all pacers for some seconds of a clock of its own; timers are late by up to 4 ms. */
function run(seconds: number, buckets: readonly (readonly RateBucket[])[]): readonly number[] {
  let nowMs = 0;
  const runners: Runner[] = buckets.map((own) => ({
    pacer: new Pacer({ buckets: own, nowMs: () => nowMs }),
    moved: 0,
    nextMs: 0,
  }));
  for (let step = 0; nowMs < seconds * 1000; step += 1) {
    for (const runner of runners) {
      for (let waitMs = 0; waitMs === 0 && runner.nextMs <= nowMs; ) {
        const bytes = Math.min(runner.pacer.portionBytes, MIB);
        waitMs = runner.pacer.waitMs(bytes);
        runner.nextMs = nowMs + (waitMs === 0 ? 0 : waitMs + (step % 5));
        runner.moved += bytes;
      }
    }
    nowMs += 0.5;
  }
  return runners.map(({ moved }) => moved / seconds);
}

function expectNear(rate: number | undefined, expected: number): void {
  expect(Math.abs((rate ?? 0) / expected - 1)).toBeLessThan(0.1);
}

test.each([1024, 100_000, 2 * MIB, 50 * MIB])(
  '%d bytes/s are kept within 10%% over 5 s',
  (rate) => {
    const [measured] = run(5, [[new RateBucket(() => rate)]]);
    expectNear(measured, rate);
  },
);

test('the lowest of several rates applies, and is not halved by the others', () => {
  const buckets = [4, 2, 3].map((times) => new RateBucket(() => times * MIB));
  expectNear(run(5, [buckets])[0], 2 * MIB);
});

test('sessions share a rate evenly', () => {
  const shared = new RateBucket(() => 4 * MIB);
  const rates = run(5, Array(20).fill([shared]));
  for (const rate of rates) expectNear(rate, (4 * MIB) / 20);
});

test('what a slow session does not use is for the others', () => {
  const shared = new RateBucket(() => 4 * MIB);
  const rates = run(5, [[new RateBucket(() => MIB / 2), shared], [shared], [shared]]);
  expectNear(rates[0], MIB / 2);
  expectNear(rates[1], (3.5 * MIB) / 2);
  expectNear(rates[2], (3.5 * MIB) / 2);
});

test('without a rate nothing waits, and portions have no limit', () => {
  const pacer = new Pacer({ buckets: [new RateBucket(() => 0), new RateBucket(() => 0)] });
  expect(pacer.portionBytes).toBe(Infinity);
  expect(pacer.waitMs(1e12)).toBe(0);
});

test('a rate that changes applies to the next portion', () => {
  let rate = 0;
  const pacer = new Pacer({ buckets: [new RateBucket(() => rate)], nowMs: () => 0 });
  expect(pacer.waitMs(MIB)).toBe(0);
  rate = MIB;
  expect(pacer.waitMs(MIB)).toBe(1000);
  rate = 0;
  expect(pacer.waitMs(MIB)).toBe(0);
});
