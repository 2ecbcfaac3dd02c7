import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { isLoopbackAddress } from './addresses.ts';

/** The result of a look-up: IPv4 addresses, or the reason why there are none, as the end of a sentence. */
export type LookupResult =
  | { readonly addresses: readonly [string, ...string[]]; readonly reason?: undefined }
  | { readonly addresses?: undefined; readonly reason: string };

/**
 * Looks a host's IPv4 addresses up as the system does, `/etc/hosts` included. Loopback addresses of a name do not
 * count: `/etc/hosts` often gives one to the host's own name, and no other host can reach it. Never throws.
 */
export async function lookUpHost(host: string, look = lookup): Promise<LookupResult> {
  if (isIPv4(host)) return { addresses: [host] };
  try {
    const found = (await look(host, { family: 4, all: true })).map(({ address }) => address);
    const [first, ...others] = found.filter((address) => !isLoopbackAddress(address));
    return first === undefined
      ? { reason: `it has the loopback address ${found.join(', ')} only, perhaps by /etc/hosts` }
      : { addresses: [first, ...others] };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // A name server that does not answer would take as long once more, and the end of the process waits for it.
    if (code !== 'EAI_AGAIN' && (await hasIpv6(host, look))) {
      return { reason: 'it has IPv6 addresses only, which PASV cannot advertise' };
    }
    return { reason: REASONS[code] ?? `it cannot be looked up (${code})` };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name is unknown',
  ENODATA: 'the name has no address',
  EAI_NODATA: 'the name has no address',
  EAI_AGAIN: 'the name server does not answer',
};

async function hasIpv6(host: string, look: typeof lookup): Promise<boolean> {
  return await look(host, { family: 6 }).then(
    () => true,
    () => false,
  );
}
