import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** So many ports in a row that nobody uses. */
export async function freeRange(count: number): Promise<{ first: number; last: number }> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const first = (probe.address() as AddressInfo).port;
    const others = Array.from({ length: count - 1 }, (_, step) => isFree(first + step + 1));
    const areFree = await Promise.all(others);
    probe.close();
    await once(probe, 'close');
    if (areFree.every(Boolean)) return { first, last: first + count - 1 };
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (port > 65_535) return resolve(false);
    const probe = createServer().on('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
