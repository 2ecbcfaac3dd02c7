import { Failure } from '../../errors/failure.ts';
import type { Reply } from '../connection/reply.ts';

export const NO_DATA = 'No data connection';

/** Of a reply 229 (RFC 2428 §3). Some servers delimit by other characters. @throws Failure if there is none. */
export function extendedPort({ text }: Reply): number {
  return checked(Number(/([^\d\s])\1\1(\d{1,5})\1/.exec(text)?.[2]));
}

/** Address and port of a reply 227. @throws Failure if there are none. */
export function classicEndpoint({ text }: Reply): {
  readonly address: string;
  readonly port: number;
} {
  const [, host = '', high, low] =
    /(\d{1,3},\d{1,3},\d{1,3},\d{1,3}),(\d{1,3}),(\d{1,3})/.exec(text) ?? [];
  const port = checked(Number(high) * 256 + Number(low));
  return { address: host.replaceAll(',', '.'), port };
}

function checked(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Failure('protocol', 'The server names no port for a data connection.');
}
