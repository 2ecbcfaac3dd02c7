import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { WrongFormError } from '../errors/wrong-form.ts';

/** An address or name in PASV replies to the peers of a network, or to all remote peers. */
export interface PublicHost {
  /** Undefined for the host that PASV advertises to all other remote peers. */
  readonly network: Ipv4Network | undefined;
  /** An IPv4 address or a host name. */
  readonly host: string;
}

interface Ipv4Network {
  /** The lowest address of the network. */
  readonly address: string;
  readonly prefix: number;
}

interface PublicHostRules {
  /** Whether a text is a well-formed host name. */
  isHostName(text: string): boolean;
}

const EXAMPLE = '192.168.0.0/16=192.168.77.1';

/**
 * Reads `HOST` and `NETWORK=HOST`, several separated by commas.
 *
 * @throws WrongFormError
 */
export function parsePublicHosts(text: string, rules: PublicHostRules): readonly PublicHost[] {
  const entries = text.split(',').map((entry) => parseEntry(entry.trim(), rules));
  const seen = new Set<string>();
  for (const { network, host } of entries) {
    const key = network === undefined ? '' : formatNetwork(network);
    if (seen.has(key)) throw repeated(key, host);
    seen.add(key);
  }
  return entries;
}

/** Writes an entry in the form that `parsePublicHosts` reads. */
export function formatPublicHost({ network, host }: PublicHost): string {
  return network === undefined ? host : `${formatNetwork(network)}=${host}`;
}

/** Writes a network as `192.168.0.0/16`. */
export function formatNetwork({ address, prefix }: Ipv4Network): string {
  return `${address}/${prefix}`;
}

/** The host that PASV advertises to remote peers outside the listed networks. */
export function generalPublicHost(hosts: readonly PublicHost[]): string | undefined {
  return hosts.find(({ network }) => network === undefined)?.host;
}

/** Matches the IPv4 addresses of a network. */
export function networkMatcher({ address, prefix }: Ipv4Network): (peer: string) => boolean {
  const list = new BlockList();
  list.addSubnet(address, prefix, 'ipv4');
  return (peer) => isIPv4(peer) && list.check(peer, 'ipv4');
}

function parseEntry(entry: string, rules: PublicHostRules): PublicHost {
  const equals = entry.indexOf('=');
  if (equals === -1) return { network: undefined, host: parseHost(entry, rules) };
  return {
    network: parseNetwork(entry.slice(0, equals).trim(), entry),
    host: parseHost(entry.slice(equals + 1).trim(), rules),
  };
}

/** PASV has room for an IPv4 address only (RFC 959 §4.1.2). */
function parseHost(host: string, { isHostName }: PublicHostRules): string {
  if (isIPv6(host.replaceAll(/[[\]]/g, ''))) {
    throw new WrongFormError(
      `${JSON.stringify(host)} is an IPv6 address, which PASV cannot advertise. Write an IPv4 address or a host name; peers over IPv6 use EPSV, which needs none.`,
    );
  }
  if (/^0(\.0){3}$/.test(host)) {
    throw new WrongFormError(
      '0.0.0.0 is no address to connect to. Write the address that clients reach, such as 203.0.113.5.',
    );
  }
  if (isIPv4(host) || isHostName(host)) return host;
  const network = /^[\d.]+\/\d+$/.test(host)
    ? ` For the peers of a network, write NETWORK=HOST, such as ${EXAMPLE}.`
    : '';
  throw new WrongFormError(
    `${JSON.stringify(host)} is not an IPv4 address or host name. Write one such as 203.0.113.5 or ftp.example.org.${network}`,
  );
}

function parseNetwork(text: string, entry: string): Ipv4Network {
  const [, address = '', prefixText = '32'] = /^([^/]*)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const prefix = Number(prefixText);
  if (isIPv6(address)) {
    throw new WrongFormError(
      `${JSON.stringify(text)} is an IPv6 network, whose peers use EPSV and need no address. Leave ${JSON.stringify(entry)} out.`,
    );
  }
  if (!isIPv4(address) || prefix > 32) {
    throw new WrongFormError(
      `${JSON.stringify(text)} is not an IPv4 network. Write NETWORK=HOST, such as ${EXAMPLE}.`,
    );
  }
  const lowest = lowestAddress({ address, prefix });
  if (lowest === address) return { address, prefix };
  throw new WrongFormError(
    `${JSON.stringify(text)} is an address within a network. Write the network as ${lowest}/${prefix}, or the address alone as ${address}/32.`,
  );
}

/** The address with all bits after the prefix set to 0. */
function lowestAddress({ address, prefix }: Ipv4Network): string {
  const octets = address.split('.').map((octet, at) => {
    const kept = Math.min(8, Math.max(0, prefix - at * 8));
    return Number(octet) & (0xff << (8 - kept)) & 0xff;
  });
  return octets.join('.');
}

function repeated(network: string, host: string): WrongFormError {
  return new WrongFormError(
    network === ''
      ? `${JSON.stringify(host)} is the second host without a network. Write one such host; the others need one, such as ${EXAMPLE}.`
      : `${network} is listed twice. Leave one of its entries out.`,
  );
}
