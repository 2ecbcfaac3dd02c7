import { once } from 'node:events';
import { createServer } from 'node:net';
import { isLoopbackHost } from '../network/addresses.ts';
import { type Check, type DoctorContext, ok, problem, type Verdict } from './finding.ts';
import { ownerOf, tcpListeners } from './listeners.ts';
import { describeProcess } from './processes.ts';

export const portCheck: Check = {
  id: 'port',
  async inspect(context) {
    const { host, port } = context.settings;
    return [await inspectPort({ host, port, setting: '--port' }, context)];
  },
};

export const implicitPortCheck: Check = {
  id: 'implicit-port',
  async inspect(context) {
    const { host, implicitPort } = context.settings;
    if (implicitPort === undefined) return [];
    return [await inspectPort({ host, port: implicitPort, setting: '--implicit-port' }, context)];
  },
};

interface Place {
  readonly host: string;
  readonly port: number;
  readonly setting: string;
}

/** Opens the port for a moment. That fails without harm if a server has it. */
async function inspectPort(place: Place, context: DoctorContext): Promise<Verdict> {
  const { host, port, setting } = place;
  const scope = isLoopbackHost(host) ? '; only this host can connect' : '';
  try {
    await openBriefly(place);
  } catch (error) {
    return verdictFor(error as NodeJS.ErrnoException, place, context);
  }
  return ok(
    port === 0
      ? `The system chooses the port of ${setting}${scope}.`
      : `Port ${port} of ${host} is free${scope}.`,
  );
}

async function openBriefly({ host, port }: Place): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

function verdictFor(
  { code = '', message }: NodeJS.ErrnoException,
  place: Place,
  context: DoctorContext,
): Verdict {
  const { host, port, setting } = place;
  switch (code) {
    case 'EADDRINUSE':
      return taken(place, context);
    case 'EACCES':
      // The service may be allowed to open the port even if the user who runs doctor is not.
      if (context.serverPid !== undefined && isListenedOn(port)) return taken(place, context);
      return problem(
        `This user may not open port ${port} (${code}).`,
        `Give the service AmbientCapabilities=CAP_NET_BIND_SERVICE, or set ${setting} to 1024 or above.`,
      );
    case 'EADDRNOTAVAIL':
      return problem(
        `This host does not have the address ${host} (${code}).`,
        'Set --host to an address of this host, or to :: for all of them.',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return problem(
        `The name ${host} of --host cannot be resolved (${code}).`,
        'Set --host to an address of this host, or add the name to /etc/hosts.',
      );
    default:
      return problem(
        `Port ${port} of ${host} cannot be opened (${code || message}).`,
        `Set --host and ${setting} to an address and a port of this host.`,
      );
  }
}

function isListenedOn(port: number): boolean {
  return tcpListeners().some((listener) => listener.port === port);
}

function taken({ port, setting }: Place, { serverPid }: DoctorContext): Verdict {
  const listeners = tcpListeners().filter((listener) => listener.port === port);
  const owners = listeners.map(ownerOf).filter((pid) => pid !== undefined);
  if (serverPid !== undefined && owners.includes(serverPid)) {
    return ok(`The running server listens on port ${port} (process ${serverPid}).`);
  }
  if (serverPid !== undefined && owners.length === 0) {
    return ok(
      `Port ${port} is in use, most likely by the running server (process ${serverPid}); this user may not see its sockets.`,
    );
  }
  const [owner] = owners;
  const by = owner === undefined ? 'a program of another user' : describeProcess(owner);
  return problem(
    `Port ${port} is in use by ${by}.`,
    `Stop that program, or choose another ${setting}. "ss -ltnp sport = :${port}" as root names it.`,
  );
}
