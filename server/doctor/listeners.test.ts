import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { isInTheWay, ownerOf, tcpListeners } from './listeners.ts';

test.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('a listener on %s is found', async (host) => {
  const server = createServer().listen({ port: 0, host });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const found = tcpListeners().filter((listener) => listener.port === port);
  expect(found).toHaveLength(1);
  expect(found.map(ownerOf)).toEqual([process.pid]);
  const shown = host === '::1' ? '0000:0000:0000:0000:0000:0000:0000:0001' : host;
  expect(found[0]?.address).toBe(shown);
  server.close();
});

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '::', true],
  ['127.0.0.1', '0.0.0.0', true],
  ['::', '127.0.0.1', true],
  ['0.0.0.0', '127.0.0.1', true],
  ['192.0.2.1', '127.0.0.1', false],
  ['fe80:0000:0000:0000:0000:0000:0000:0001', '0.0.0.0', false],
  ['192.0.2.1', 'localhost', true],
])('a listener on %s is in the way of %s: %p', (address, host, isIn) => {
  expect(isInTheWay({ address, port: 1, inode: '1' }, host)).toBe(isIn);
});
