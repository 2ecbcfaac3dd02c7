import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { ipv4Interfaces, LocalNetworks } from './local-networks.ts';

function addressOf(cidr: string, family: 'IPv4' | 'IPv6' = 'IPv4'): NetworkInterfaceInfo {
  const [address = ''] = cidr.split('/');
  const facts = { address, cidr, mac: '', netmask: '', internal: false };
  return family === 'IPv4' ? { ...facts, family } : { ...facts, family, scopeid: 0 };
}

test.each(['127.0.0.1', '127.9.9.9'])('%s is local on every host', (address) => {
  expect(new LocalNetworks().includes(address)).toBe(true);
});

test('the addresses of the interfaces of this machine are local', () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  for (const { address } of own.filter(({ family }) => family === 'IPv4')) {
    expect(new LocalNetworks().includes(address)).toBe(true);
  }
});

test.each([
  ['172.30.99.1', true],
  ['172.30.99.255', true],
  ['172.30.100.1', false],
  ['100.101.102.103', true],
  ['100.101.102.104', false],
  ['198.51.100.1', false],
  ['2001:db8::7', false],
  ['', false],
])('%s is local: %p', (address, isLocal) => {
  const eth0 = [addressOf('172.30.99.2/24'), addressOf('2001:db8::2/64', 'IPv6')];
  const tailscale0 = [addressOf('100.101.102.103/32')];
  const networks = new LocalNetworks({ interfaces: () => ({ eth0, tailscale0 }) });
  expect(networks.includes(address)).toBe(isLocal);
});

test('an interface of the network 0.0.0.0/0 makes its own address local only', () => {
  const networks = new LocalNetworks({ interfaces: () => ({ wg0: [addressOf('10.9.9.2/0')] }) });
  expect(networks.includes('10.9.9.2')).toBe(true);
  expect(networks.includes('10.9.9.3')).toBe(false);
});

describe('a service that may not list interfaces', () => {
  const refuse = () => {
    throw Object.assign(new Error(), { code: 'ERR_SYSTEM_ERROR' });
  };

  test('knows its networks by the routing table', () => {
    const networks = new LocalNetworks({ interfaces: refuse });
    expect(networks.includes('127.0.0.1')).toBe(true);
    expect(networks.includes('198.51.100.77')).toBe(false);
    const routed = ipv4Interfaces().filter(({ cidr }) => cidr?.endsWith('/32') === false);
    for (const { address } of routed) expect(networks.includes(address)).toBe(true);
  });
});

test('an interface that appears later is seen after five seconds', () => {
  let nowMs = 0;
  let reads = 0;
  const networks = new LocalNetworks({
    nowMs: () => nowMs,
    interfaces: () => {
      reads += 1;
      return nowMs === 0 ? {} : { eth0: [addressOf('192.168.77.1/24')] };
    },
  });
  expect(networks.includes('192.168.77.50')).toBe(false);
  nowMs = 4999;
  expect(networks.includes('192.168.77.50')).toBe(false);
  expect(reads).toBe(1);
  nowMs = 5000;
  expect(networks.includes('192.168.77.50')).toBe(true);
});
