import { networkInterfaces } from 'node:os';
import { expect, test } from '@jest/globals';
import { publicHostCheck } from './public-host-check.ts';
import { examine } from './testing/examine.ts';

test.each([
  ['no-such-host.invalid', 'problem', 'cannot be resolved'],
  ['localhost', 'problem', 'cannot be resolved: it has the loopback address 127.0.0.1 only'],
  ['127.0.0.1', 'problem', 'is a loopback address'],
  ['192.168.250.251', 'warning', 'is a private address'],
  ['100.64.250.251', 'warning', 'is a private address'],
  ['198.51.100.7', 'ok', 'a router must forward the control port and --pasv-range'],
])('--public-host %s: %s', async (host, level, text) => {
  const flags = { host: '::', 'public-host': host };
  expect(await examine(publicHostCheck, { flags })).toEqual([
    expect.objectContaining({ level, text: expect.stringContaining(text) }),
  ]);
});

test('each entry is looked at; private addresses are right for networks', async () => {
  const hosts =
    '198.51.100.7,192.168.0.0/16=192.168.77.1,127.0.0.0/8=127.0.0.1,10.0.0.0/8=127.0.0.1';
  const verdicts = await examine(publicHostCheck, { flags: { host: '::', 'public-host': hosts } });
  expect(verdicts.map(({ level }) => level)).toEqual(['ok', 'ok', 'ok', 'problem']);
});

const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

if (own === undefined) {
  test.skip('an address of this host was not tested: it has none but loopback', () => {});
} else {
  test('an address of this host is recognised', async () => {
    const flags = { host: '::', 'public-host': `203.0.113.0/24=${own}` };
    const [verdict] = await examine(publicHostCheck, { flags });
    expect(verdict?.text).toContain('is an address of this host');
  });
}

test('a server for this host alone needs none', async () => {
  expect(await examine(publicHostCheck)).toEqual([]);
});
