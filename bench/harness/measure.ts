import type { Bench } from './question.ts';

/** The result of a client's work and the CPU time that the server spent on it. */
export interface Measurement {
  readonly result: unknown;
  readonly cpuSeconds: number;
}

/** Runs a client that logs in, works once and ends; logging in and out is not measured. */
export async function measure(
  bench: Bench,
  ...args: readonly (string | number)[]
): Promise<Measurement> {
  const client = bench.startClient(...args);
  await client.ready();
  const cpuSecondsBefore = bench.server.cpuSeconds();
  client.proceed();
  const result = await client.result();
  const cpuSeconds = bench.server.cpuSeconds() - cpuSecondsBefore;
  await client.end();
  return { result, cpuSeconds };
}
