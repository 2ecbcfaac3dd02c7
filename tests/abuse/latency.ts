import type { ControlClient } from '../../server/testing/control-client.ts';

type Until =
  | { readonly pings: number }
  | { readonly ms: number }
  | { readonly done: Promise<unknown> };

/** How long NOOP takes on a session, in milliseconds. */
export async function latencyOf(
  client: ControlClient,
  until: Until,
): Promise<{ medianMs: number; longestMs: number; pings: number }> {
  const isOver = end(until, () => times.length);
  const times: number[] = [];
  while (!isOver()) {
    const startMs = performance.now();
    await client.command('NOOP');
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  const medianMs = times[Math.floor(times.length / 2)] ?? Number.NaN;
  return { medianMs, longestMs: times.at(-1) ?? Number.NaN, pings: times.length };
}

function end(until: Until, pings: () => number): () => boolean {
  if ('pings' in until) return () => pings() >= until.pings;
  if ('done' in until) return settled(until.done);
  const endMs = performance.now() + until.ms;
  return () => performance.now() >= endMs;
}

function settled(promise: Promise<unknown>): () => boolean {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  promise.then(over, over);
  return () => isOver;
}
