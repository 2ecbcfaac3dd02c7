/**
 * Processor time, in milliseconds, that this process takes for `work`. Unlike elapsed time it hardly depends on what
 * else the machine does, so a test can tell an algorithm that does not scale.
 */
export async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
