import type { AccountRecord } from '../../db/account-row.ts';
import { NetworkSet } from '../network/network-set.ts';

/** Whether the account may log in from an address. */
export function isAllowedFrom(
  { networks }: Pick<AccountRecord, 'networks'>,
  address: string,
): boolean {
  return networks === undefined || new NetworkSet(networks).has(address);
}
