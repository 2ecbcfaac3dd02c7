import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that Linux chooses for programs, which could take one of the range at any time. */
const FIRST = 10_000;
const END = 32_000;

/** A number of consecutive ports that no program uses. */
export async function freeRange(count: number): Promise<{ first: number; last: number }> {
  for (;;) {
    const first = randomInt(FIRST, END - count);
    const ports = Array.from({ length: count }, (_, step) => first + step);
    const areFree = await Promise.all(ports.map(isFree));
    if (areFree.every(Boolean)) return { first, last: first + count - 1 };
  }
}

/** A port that no program uses. */
export async function freePort(): Promise<number> {
  return (await freeRange(1)).first;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().on('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
