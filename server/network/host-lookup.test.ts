import type { lookup } from 'node:dns/promises';
import { expect, test } from '@jest/globals';
import { lookUpHost } from './host-lookup.ts';

/** A resolver that knows IPv6 addresses only, or fails for both families with a code. */
function resolver(answer: 'IPv6' | string): typeof lookup {
  const look = async (_: string, { family }: { family: number }) => {
    if (answer === 'IPv6' && family === 6) return { address: '2001:db8::1', family };
    throw Object.assign(new Error(), { code: answer === 'IPv6' ? 'ENOTFOUND' : answer });
  };
  return look as typeof lookup;
}

test('an address is its own result', async () => {
  expect(await lookUpHost('203.0.113.5', resolver('ENOTFOUND'))).toEqual({
    addresses: ['203.0.113.5'],
  });
});

test('loopback addresses of a name do not count', async () => {
  const reason = 'it has the loopback address 127.0.0.1 only, perhaps by /etc/hosts';
  expect(await lookUpHost('localhost')).toEqual({ reason });
});

test.each([
  ['IPv6', 'it has IPv6 addresses only, which PASV cannot advertise'],
  ['ENOTFOUND', 'the name is unknown'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['EAI_FAIL', 'it cannot be looked up (EAI_FAIL)'],
])('a failure (%s) is a reason', async (answer, reason) => {
  expect(await lookUpHost('ftp.example.org', resolver(answer))).toEqual({ reason });
});
