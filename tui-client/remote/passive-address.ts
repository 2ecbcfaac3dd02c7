import { Failure } from '../failure.ts';
import type { ControlConnection } from './control-connection.ts';
import { failureForReply } from './remote-failure.ts';
import { isRefusal, type Reply } from './reply.ts';

const NO_DATA = 'No data connection';

/** Asks for a port for a data connection: by EPSV, or by PASV where the server does not know that. */
export async function passivePort(
  control: ControlConnection,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (!control.knowsNoEpsv) {
    const reply = await control.ask('EPSV', { signal });
    if (!isRefusal(reply)) return extendedPort(reply);
    control.knowsNoEpsv = true;
  }
  // Data connections go where the control connection goes, whatever address the server names.
  return classicEndpoint(await control.command('PASV', { signal, purpose: NO_DATA })).port;
}

/** RFC 2428 §3. Some servers delimit by other characters. @throws Failure for a refusal, too. */
export function extendedPort(reply: Reply): number {
  if (isRefusal(reply)) throw failureForReply(reply, NO_DATA);
  return checked(Number(/([^\d\s])\1\1(\d{1,5})\1/.exec(reply.text)?.[2]));
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
