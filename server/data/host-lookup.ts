import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';

/** The result of a look-up: an IPv4 address, or the reason why there is none, as the end of a sentence. */
export type LookupResult =
  | { readonly address: string; readonly reason?: undefined }
  | { readonly address?: undefined; readonly reason: string };

/** Looks a host's IPv4 address up as the system does, `/etc/hosts` included. Never throws. */
export async function lookUpHost(host: string, look = lookup): Promise<LookupResult> {
  if (isIPv4(host)) return { address: host };
  try {
    return { address: (await look(host, { family: 4 })).address };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (await hasIpv6(host, look)) {
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
