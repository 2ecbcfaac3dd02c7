import { isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { SessionContext } from '../contract/session-context.ts';
import { ArgumentError, DataConnectionError, SequenceError } from '../errors/errors.ts';
import { plainAddress } from '../network/addresses.ts';
import { LocalNetworks } from '../network/local-networks.ts';
import { PublicAddresses } from '../network/public-addresses.ts';
import { parsePublicHosts } from '../network/public-host.ts';
import { activeTarget } from './active-target.ts';
import { passiveAddress, requireAnyConnectorAllowed } from './passive-address.ts';

interface Facts {
  readonly peerAddress: string;
  readonly localAddress: string;
  /** As `--public-host` takes them. Addresses resolve to themselves, names do not resolve. */
  readonly publicHost?: string;
}

const INTERFACES = {
  lo: [interfaceOf('127.0.0.1/8')],
  eth0: [interfaceOf('192.168.0.2/24')],
  eth1: [interfaceOf('203.0.113.9/29')],
};

function interfaceOf(cidr: string): NetworkInterfaceInfo {
  const [address = ''] = cidr.split('/');
  const mac = '00:00:00:00:00:00';
  return { address, cidr, mac, netmask: '', family: 'IPv4', internal: address === '127.0.0.1' };
}

async function sessionOf({
  peerAddress,
  localAddress,
  publicHost,
}: Facts): Promise<SessionContext> {
  const publicAddresses = new PublicAddresses({
    hosts: publicHost === undefined ? [] : parsePublicHosts(publicHost, { isHostName: () => true }),
    log: pino({ level: 'silent' }),
    look: async (host) =>
      isIPv4(host) ? { addresses: [host] } : { reason: 'the name is unknown' },
  });
  await publicAddresses.start();
  publicAddresses.stop();
  const localNetworks = new LocalNetworks({ interfaces: () => INTERFACES });
  const services = { publicAddresses, localNetworks };
  return {
    peerAddress: plainAddress(peerAddress),
    control: { localAddress: plainAddress(localAddress) },
    services,
  } as unknown as SessionContext;
}

describe('the address in a PASV reply', () => {
  const publicHost = '198.51.100.1';
  const localAddress = '192.168.0.2';
  const addressFor = async (facts: Facts) => passiveAddress(await sessionOf(facts));

  test('is the one that the client came to', async () => {
    const peerAddress = '198.51.100.4';
    expect(await addressFor({ peerAddress, localAddress: '192.0.2.1' })).toBe('192.0.2.1');
  });

  test.each(['198.51.100.4', '192.168.77.50', '10.9.8.7', '100.64.1.2', '::ffff:172.16.0.9'])(
    'is the public host for %s, which is in no network of this host',
    async (peerAddress) => {
      expect(await addressFor({ peerAddress, localAddress, publicHost })).toBe(publicHost);
    },
  );

  test.each(['127.0.0.1', '127.8.8.8', '192.168.0.77', '::ffff:192.168.0.77', '203.0.113.10'])(
    'is the local one for %s, which is in a network of this host',
    async (peerAddress) => {
      expect(await addressFor({ peerAddress, localAddress, publicHost })).toBe(localAddress);
    },
  );

  test('is the local one for a client on this host that came to its public address', async () => {
    const own = '203.0.113.9';
    const facts = { peerAddress: own, localAddress: own, publicHost: own };
    expect(await addressFor(facts)).toBe(own);
  });

  test.each([
    ['10.1.2.3', '10.0.0.1'],
    ['10.9.9.9', '10.0.0.2'],
    ['100.99.1.1', '100.101.102.103'],
    ['11.0.0.1', publicHost],
  ])('is that of the smallest listed network for %s: %s', async (peerAddress, expected) => {
    const networks = [
      '10.0.0.0/8=10.0.0.2',
      '10.1.0.0/16=10.0.0.1',
      '100.64.0.0/10=100.101.102.103',
    ];
    const hosts = [publicHost, ...networks].join(',');
    expect(await addressFor({ peerAddress, localAddress, publicHost: hosts })).toBe(expected);
  });

  test.each([
    ['192.168.0.1', '192.168.0.1/32=203.0.113.50'],
    ['192.168.0.2', '192.168.0.0/24=203.0.113.50'],
    ['127.0.0.1', '0.0.0.0/0=203.0.113.50'],
  ])('is that of a listed network for the neighbour %s, too: %s', async (peerAddress, listed) => {
    const facts = { peerAddress, localAddress, publicHost: listed };
    expect(await addressFor(facts)).toBe('203.0.113.50');
  });

  test('is the local one outside the listed networks if no other host is public', async () => {
    const facts = { peerAddress: '198.51.100.4', localAddress, publicHost: '10.0.0.0/8=10.0.0.1' };
    expect(await addressFor(facts)).toBe(localAddress);
  });

  test('is the local one for a client with the same address, whatever the interfaces say', async () => {
    const facts = { peerAddress: '172.16.5.5', localAddress: '172.16.5.5', publicHost };
    expect(await addressFor(facts)).toBe('172.16.5.5');
  });

  test('is plain IPv4 on a dual-stack listener', async () => {
    const facts = { peerAddress: '::ffff:127.0.0.1', localAddress: '::ffff:127.0.0.1' };
    expect(await addressFor(facts)).toBe('127.0.0.1');
  });

  test('does not exist on IPv6, whatever the public host is', async () => {
    const facts = { peerAddress: '2001:db8::7', localAddress: '2001:db8::1', publicHost };
    await expect(addressFor(facts)).rejects.toThrow(DataConnectionError);
  });

  describe('while the public host is not resolved', () => {
    const unresolved = 'ftp.example.org';

    test.each([
      ['192.168.77.50', localAddress],
      ['198.51.100.4', '203.0.113.9'],
    ])('is the local one where %s may reach it: %s', async (peerAddress, local) => {
      const facts = { peerAddress, localAddress: local, publicHost: unresolved };
      expect(await addressFor(facts)).toBe(local);
    });

    test('is none where the local one is private and the client comes from the internet', async () => {
      const facts = { peerAddress: '198.51.100.4', localAddress, publicHost: unresolved };
      await expect(addressFor(facts)).rejects.toThrow(
        'The public address of the server is not known yet; use EPSV or try again later.',
      );
    });
  });
});

describe('a target of PORT and EPRT', () => {
  const session = { peerAddress: '192.0.2.1' } as SessionContext;
  const check = (address: string, port: number) => () => activeTarget(session, { address, port });

  test.each([1024, 65_535])('may be the client itself, port %i', (port) => {
    expect(check('192.0.2.1', port)).not.toThrow();
  });

  test.each(['0.0.0.0', '::'])('may be named %s, which means the client itself', (address) => {
    const target = activeTarget(session, { address, port: 2000 });
    expect(target).toEqual({ address: '192.0.2.1', port: 2000 });
  });

  test.each([0, 21, 1023, 65_536, 99_999])('may not have port %i', (port) => {
    expect(check('192.0.2.1', port)).toThrow(ArgumentError);
  });

  test.each(['192.0.2.2', '127.0.0.1', '::1'])('may not be %s', (address) => {
    expect(check(address, 2000)).toThrow(ArgumentError);
  });
});

test('after EPSV ALL nothing else sets up data connections', () => {
  const session = { parameters: { isExtendedPassiveOnly: true } } as SessionContext;
  expect(() => requireAnyConnectorAllowed(session)).toThrow(SequenceError);
});
