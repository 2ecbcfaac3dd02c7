import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { WrongFormError } from '../errors/wrong-form.ts';
import { plainAddress } from './addresses.ts';

/** Bits of an IPv6 address that stand before an IPv4 address in it (`::ffff:192.0.2.1`). */
const MAPPED_BITS = 96;
const MAPPED = 0xffffn;

/**
 * Reads an address or a network, such as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`.
 *
 * @returns the same network in one spelling: the lowest address, without a prefix that covers one address only. IPv4
 *   addresses in IPv6 are written as IPv4.
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
  const number = addressNumber(address);
  if (bits === 128 && prefixBits > MAPPED_BITS && number >> 32n === MAPPED) {
    return networkText(number & 0xffff_ffffn, { bits: 32, prefixBits: prefixBits - MAPPED_BITS });
  }
  return networkText(number, { bits, prefixBits });
}

/** A network as a number: what all of its addresses have before their host bits. */
export interface NetworkPrefix {
  readonly bits: 32 | 128;
  readonly prefixBits: number;
  readonly value: bigint;
}

/** Reads what {@link parseNetwork} returns. */
export function networkPrefix(network: string): NetworkPrefix {
  const [address = '', prefix] = network.split('/');
  const bits = isIPv4(address) ? 32 : 128;
  const prefixBits = prefix === undefined ? bits : Number(prefix);
  return { bits, prefixBits, value: addressNumber(address) >> BigInt(bits - prefixBits) };
}

/** The address of a client as a network of its own; undefined for what is no address. */
export function addressPrefix(peerAddress: string): NetworkPrefix | undefined {
  const address = plainAddress(peerAddress);
  if (isIPv4(address)) return { bits: 32, prefixBits: 32, value: addressNumber(address) };
  if (isIPv6(address)) return { bits: 128, prefixBits: 128, value: addressNumber(address) };
  return undefined;
}

function networkText(
  number: bigint,
  { bits, prefixBits }: { readonly bits: number; readonly prefixBits: number },
): string {
  const hostBits = BigInt(bits - prefixBits);
  const lowest = addressText((number >> hostBits) << hostBits, bits);
  return prefixBits === bits ? lowest : `${lowest}/${prefixBits}`;
}

function addressText(number: bigint, bits: number): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 0xffn).join('.');
  const digits = number.toString(16).padStart(32, '0');
  const address = digits.match(/.{4}/g)?.join(':') ?? '';
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

function addressNumber(address: string): bigint {
  return isIPv4(address)
    ? address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n)
    : groupsOf(address).reduce((sum, group) => sum * 65_536n + BigInt(group), 0n);
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
