import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Finding, ok, problem, unchecked } from './finding.ts';
import type { Visit } from './visit.ts';

/** Looks up the addresses of the host. */
export async function checkName(visit: Visit): Promise<readonly Finding[]> {
  const { host } = visit.site;
  if (visit.via !== undefined) {
    visit.addresses = [host];
    return isIP(host) === 0 ? [unchecked('name', 'The proxy looks the name up.')] : [];
  }
  if (isIP(host) !== 0) {
    visit.addresses = [host];
    return [];
  }
  try {
    const found = await lookup(host, { all: true });
    visit.addresses = [...new Set(found.map(({ address }) => address))];
    const addresses = visit.addresses.join(', ');
    return [ok('name', `${host} has the address ${addresses}.`, { addresses: visit.addresses })];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [
      problem('name', 'network', {
        text: `The name ${host} has no address (${code}).`,
        remedy:
          code === 'EAI_AGAIN'
            ? 'The name server does not answer: check the network, or use the address of the server.'
            : 'Check the spelling. Otherwise add an A or AAAA record for the name.',
        facts: { code },
      }),
    ];
  }
}
