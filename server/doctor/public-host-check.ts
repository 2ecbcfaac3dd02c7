import { isLoopbackAddress, isLoopbackHost, isPrivateAddress } from '../network/addresses.ts';
import { lookUpHost } from '../network/host-lookup.ts';
import { ipv4Interfaces } from '../network/local-networks.ts';
import { formatPublicHost, generalPublicHost, type PublicHost } from '../network/public-host.ts';
import { type Check, ok, problem, type Verdict, warning } from './finding.ts';

const GUIDE = 'see "Behind NAT, in containers" in docs/operations.md';

export const publicHostCheck: Check = {
  id: 'public-host',
  async inspect({ settings: { publicHosts, host } }) {
    const own = ipv4Interfaces().map(({ address }) => address);
    const verdicts: Verdict[] = [];
    for (const publicHost of publicHosts) verdicts.push(await inspectEntry(publicHost, own));
    if (generalPublicHost(publicHosts) !== undefined || isLoopbackHost(host)) return verdicts;
    return [...verdicts, withoutPublicHost(own)];
  },
};

async function inspectEntry(entry: PublicHost, own: readonly string[]): Promise<Verdict> {
  const name = `--public-host ${formatPublicHost(entry)}`;
  const { addresses, reason } = await lookUpHost(entry.host);
  if (addresses === undefined) {
    return problem(
      `${name} cannot be resolved: ${reason}.`,
      'Correct the name, its IPv4 address (A record), /etc/hosts, or the name server of this host. The server starts without it and tries again.',
    );
  }
  const [address] = addresses;
  const resolved = address === entry.host ? name : `${name} (${address})`;
  if (isLoopbackAddress(address) && !own.includes(address)) {
    return loopbackVerdict(resolved, entry);
  }
  if (entry.network === undefined && isPrivateAddress(address)) {
    return warning(
      `${resolved} is a private address, which clients from the internet cannot reach.`,
      'Set --public-host to the public address or name, unless all clients are in private networks.',
    );
  }
  return ok(
    own.includes(address)
      ? `${resolved} is an address of this host.`
      : `${resolved} is not an address of this host: a router must forward the control port and --pasv-range.`,
  );
}

function loopbackVerdict(resolved: string, { network }: PublicHost): Verdict {
  if (network?.address.startsWith('127.')) return ok(`${resolved} is for clients on this host.`);
  return problem(
    `${resolved} is a loopback address: clients would connect to themselves.`,
    'Set --public-host to an address that clients can reach.',
  );
}

function withoutPublicHost(own: readonly string[]): Verdict {
  const isPublic = own.some((address) => !isPrivateAddress(address));
  if (isPublic) return ok('PASV advertises the address that each client connects to.');
  const addresses =
    own.length === 0 ? 'no IPv4 address' : `private addresses only (${own.join(', ')})`;
  return warning(
    `This host has ${addresses}, and PASV advertises no other to clients from outside.`,
    `Set --public-host to the address that they connect to (${GUIDE}). Leave it out if all clients are in the networks of this host.`,
  );
}
