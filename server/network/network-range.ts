import { type BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';
import { WrongFormError } from '../errors/wrong-form.ts';
import { plainAddress } from './addresses.ts';

/**
 * Reads an address or a network, such as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`.
 *
 * @returns the same network in one spelling: the lowest address, without a prefix that covers one address only.
 * @throws WrongFormError
 */
export function parseNetwork(text: string): string {
  const [, address = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? [];
  const bits = isIPv4(address) ? 32 : 128;
  const prefixBits = prefix === undefined ? bits : Number(prefix);
  if ((!isIPv4(address) && !isIPv6(address)) || prefixBits > bits || prefixBits === 0) {
    throw new WrongFormError(
      `${JSON.stringify(text)} is not a network. Write an address or a network, such as 203.0.113.7 or 2001:db8::/32.`,
    );
  }
  const lowest = lowestAddress(address, bits - prefixBits);
  return prefixBits === bits ? lowest : `${lowest}/${prefixBits}`;
}

/** Adds what {@link parseNetwork} returns. */
export function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/');
  const family = familyOf(address);
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

/** Whether the address of a client is in one of the networks. */
export function isInNetworks(list: BlockList, peerAddress: string): boolean {
  const address = plainAddress(peerAddress);
  return list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

function lowestAddress(address: string, hostBits: number): string {
  if (isIPv4(address)) {
    const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const lowest = number - (number % 2 ** hostBits);
    return [24, 16, 8, 0].map((shift) => Math.floor(lowest / 2 ** shift) % 256).join('.');
  }
  const groups = groupsOf(address);
  const cleared = groups.map((group, index) => {
    const bits = Math.min(Math.max(hostBits - (7 - index) * 16, 0), 16);
    return group - (group % 2 ** bits);
  });
  const text = cleared.map((group) => group.toString(16)).join(':');
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = withoutDots(address).split('::');
  const numbers = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = numbers(head);
  if (tail === undefined) return left;
  const right = numbers(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** `::ffff:192.0.2.1` ends in an IPv4 address. */
function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [256 * Number(a) + Number(b), 256 * Number(c) + Number(d)]
      .map((group) => group.toString(16))
      .join(':'),
  );
}
