import type { Failure } from '../../errors/failure.ts';
import type { ControlConnection } from '../connection/control-connection.ts';
import { isFailure, isNetworkFailure } from '../remote-failure.ts';
import type { DataConnection } from './data-connection.ts';
import { classicEndpoint, extendedPort, NO_DATA } from './passive-address.ts';
import type { PassiveCommand } from './passive-mode.ts';

/** Time for the first port that EPSV names: long enough for two lost SYNs, short enough to wait for before PASV. */
const FIRST_CONNECT_TIMEOUT_MS = 4000;

interface PassiveOptions<Connection> {
  readonly signal: AbortSignal | undefined;
  /** Begins to connect to a port. */
  readonly connect: (port: number) => Promise<Connection>;
}

/**
 * A data connection, which may still be connecting. The first one to a site is waited for: if EPSV does not lead to
 * one, PASV is tried. Firewalls often know the ports of PASV only.
 */
export async function openPassive<Connection extends DataConnection>(
  control: ControlConnection,
  options: PassiveOptions<Connection>,
): Promise<Connection> {
  const { command } = control.passive;
  if (command !== undefined) return options.connect(await askPort(control, command, options));
  try {
    const data = await opened(control, 'EPSV', options);
    control.passive.remember('EPSV');
    return data;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (control.isLost || !isFailure(error)) throw error;
    return openClassic(control, options, error);
  }
}

/** @param reason why EPSV failed; what is thrown if PASV does not help. */
async function openClassic<Connection extends DataConnection>(
  control: ControlConnection,
  options: PassiveOptions<Connection>,
  reason: Failure,
): Promise<Connection> {
  try {
    const data = await opened(control, 'PASV', options);
    control.passive.remember('PASV', reason);
    return data;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw !control.isLost && isNetworkFailure(reason) ? reason : error;
  }
}

async function opened<Connection extends DataConnection>(
  control: ControlConnection,
  command: PassiveCommand,
  options: PassiveOptions<Connection>,
): Promise<Connection> {
  const data = await options.connect(await askPort(control, command, options));
  try {
    await data.connected(options.signal, command === 'EPSV' ? FIRST_CONNECT_TIMEOUT_MS : undefined);
    return data;
  } catch (error) {
    data.destroy();
    throw error;
  }
}

/** Data connections go where the control connection goes, whatever address a reply to PASV names. */
async function askPort(
  control: ControlConnection,
  command: PassiveCommand,
  { signal }: Pick<PassiveOptions<unknown>, 'signal'>,
): Promise<number> {
  const reply = await control.command(command, { signal, purpose: NO_DATA });
  return command === 'EPSV' ? extendedPort(reply) : classicEndpoint(reply).port;
}
