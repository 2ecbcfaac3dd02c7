import type { Settings } from '../config/settings.ts';
import type { PortRange } from '../data/passive-port-pool.ts';
import { isLoopbackHost } from '../network/addresses.ts';
import { type Check, type DoctorContext, ok, problem, type Verdict, warning } from './finding.ts';
import { isInTheWay, ownerOf, type PortListener, tcpListeners } from './listeners.ts';
import { describeProcess } from './processes.ts';

/** With fewer ports, a thief at a client's address would guess the right one too often. */
const MIN_PORTS = 16;
const MAX_PORT = 65_535;

export const passiveRangeCheck: Check = {
  id: 'pasv-range',
  async inspect(context) {
    const { pasvRange, host } = context.settings;
    if (pasvRange !== undefined) return inspectRange(pasvRange, context);
    if (isLoopbackHost(host)) return [ok('The system chooses the passive ports.')];
    return [
      warning(
        'Any port can become a passive port, so a firewall or router must pass all of them.',
        `Set --pasv-range ${suggestedRange(50_000, sessionsOfOneAddress(context.settings))}, and open it in the firewall.`,
      ),
    ];
  },
};

/** The sessions that can want a data connection at one time and cannot share a port. */
function sessionsOfOneAddress({ maxSessions, maxSessionsPerIp }: Settings): number {
  return maxSessionsPerIp === 0 ? maxSessions : Math.min(maxSessions, maxSessionsPerIp);
}

function inspectRange(range: PortRange, context: DoctorContext): readonly Verdict[] {
  const { first, last } = range;
  const taken = portsInTheWay(range, context);
  const usable = last - first + 1 - taken.size;
  if (usable === 0) {
    return [
      problem(
        `All ports of --pasv-range ${first}-${last} are in use by other programs (${ownersOf(taken)}).`,
        'Choose another --pasv-range.',
      ),
    ];
  }
  const verdicts = [...takenVerdict(taken, range), ...sizeVerdict(usable, context.settings)];
  if (verdicts.length > 0) return verdicts;
  return [
    ok(
      `--pasv-range ${first}-${last}: ${usable} ports, which serve ${usable} data connections at a time from each client address.`,
    ),
  ];
}

/** Listeners of other programs by port. */
function portsInTheWay(
  { first, last }: PortRange,
  { settings, serverPid }: DoctorContext,
): ReadonlyMap<number, PortListener> {
  const others = tcpListeners()
    .filter(({ port }) => port >= first && port <= last)
    .filter((listener) => isInTheWay(listener, settings.host))
    .filter((listener) => serverPid === undefined || !mayBelongTo(serverPid, listener));
  return new Map(others.map((listener) => [listener.port, listener]));
}

/** The sockets of a service that may open ports below 1024 are hidden from its own user. */
function mayBelongTo(pid: number, listener: PortListener): boolean {
  return [pid, undefined].includes(ownerOf(listener));
}

function* takenVerdict(taken: ReadonlyMap<number, PortListener>, { first, last }: PortRange) {
  if (taken.size === 0) return;
  yield warning(
    `${taken.size} ports of --pasv-range ${first}-${last} are in use by other programs: ${[...taken.keys()].slice(0, 5).join(', ')} (${ownersOf(taken)}).`,
    'The server leaves them out. Choose another range, or stop those programs.',
  );
}

function ownersOf(taken: ReadonlyMap<number, PortListener>): string {
  const names = [...taken.values()].slice(0, 5).map((listener) => {
    const pid = ownerOf(listener);
    return pid === undefined ? 'a program of another user' : describeProcess(pid);
  });
  return [...new Set(names)].join(', ');
}

function* sizeVerdict(usable: number, settings: Settings) {
  const sessions = sessionsOfOneAddress(settings);
  const wanted = Math.min(Math.max(sessions, MIN_PORTS), MAX_PORT - 1024);
  if (usable >= wanted) return;
  const first = settings.pasvRange?.first ?? 50_000;
  const limits =
    settings.maxSessionsPerIp === 0
      ? `--max-sessions ${settings.maxSessions}`
      : `--max-per-ip ${settings.maxSessionsPerIp}`;
  const reason =
    usable < sessions
      ? `${limits} allows ${sessions} sessions from one client address, and each of them needs a port of its own for its data connection (addresses share ports)`
      : `fewer than ${MIN_PORTS} are easily guessed`;
  yield warning(
    `--pasv-range has ${usable} usable ports; ${reason}.`,
    `Set --pasv-range ${suggestedRange(first, wanted)}${usable < sessions && usable >= MIN_PORTS ? `, or --max-per-ip ${usable}` : ''}.`,
  );
}

function suggestedRange(first: number, size: number): string {
  const lowest = Math.max(1024, Math.min(first, MAX_PORT - size + 1));
  return `${lowest}-${lowest + size - 1}`;
}
