import { isIPv4, isIPv6 } from 'node:net';
import { WrongFormError } from '../errors/wrong-form.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const MAX_PORT = 65_535;

/**
 * Reads `127.0.0.1:9121` or `[::1]:9121`.
 *
 * @throws WrongFormError
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, v6, v4, digits = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const host = isIPv6(v6 ?? '') ? v6 : v4;
  const port = digits === '' ? Number.NaN : Number(digits);
  if (host !== undefined && (host === v6 || isIPv4(host)) && port <= MAX_PORT)
    return { host, port };
  throw new WrongFormError(
    `${JSON.stringify(text)} is not an address with a port. Write 127.0.0.1:9121 or [::1]:9121.`,
  );
}

export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
