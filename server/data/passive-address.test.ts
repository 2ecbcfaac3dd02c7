import { describe, expect, test } from '@jest/globals';
import { ArgumentError, SequenceError } from '../errors.ts';
import type { Session } from '../session.ts';
import { activeTarget } from './active-target.ts';
import { passiveAddress, requireAnyConnectorAllowed } from './passive-address.ts';

function sessionOf(facts: {
  peerAddress: string;
  localAddress: string;
  publicAddress?: string;
}): Session {
  const { peerAddress, localAddress, publicAddress } = facts;
  const session = { peerAddress, commandSocket: { localAddress }, services: { publicAddress } };
  return session as unknown as Session;
}

describe('the address that PASV names', () => {
  const publicAddress = '203.0.113.9';

  test('is the one that the client came to', () => {
    const session = sessionOf({ peerAddress: '198.51.100.4', localAddress: '192.0.2.1' });
    expect(passiveAddress(session)).toBe('192.0.2.1');
  });

  test('is the public host for a client from far away', () => {
    const peer = { peerAddress: '198.51.100.4', localAddress: '192.168.0.2', publicAddress };
    expect(passiveAddress(sessionOf(peer))).toBe(publicAddress);
  });

  test.each(['127.0.0.1', '192.168.0.77', '10.9.8.7'])('is the local one for %s', (peerAddress) => {
    const peer = { peerAddress, localAddress: '192.168.0.2', publicAddress };
    expect(passiveAddress(sessionOf(peer))).toBe('192.168.0.2');
  });

  test('is plain IPv4 on a dual-stack listener', () => {
    const session = sessionOf({ peerAddress: '127.0.0.1', localAddress: '::ffff:127.0.0.1' });
    expect(passiveAddress(session)).toBe('127.0.0.1');
  });

  test('does not exist on IPv6, whatever the public host is', () => {
    const peer = { peerAddress: '2001:db8::7', localAddress: '2001:db8::1', publicAddress };
    expect(passiveAddress(sessionOf(peer))).toBeUndefined();
  });
});

describe('a target of PORT and EPRT', () => {
  const session = sessionOf({ peerAddress: '192.0.2.1', localAddress: '192.0.2.9' });
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
  const session = { isExtendedPassiveOnly: true } as Session;
  expect(() => requireAnyConnectorAllowed(session)).toThrow(SequenceError);
});
