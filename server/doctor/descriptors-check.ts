import type { Settings } from '../config.ts';
import { type Check, ok, problem, warning } from './finding.ts';
import { readText } from './processes.ts';

/** Control connection, data connection, the file, and its directory. */
const PER_TRANSFER = 4;
/** Database, logs, standard streams, event loop, worker threads. */
const OF_THE_PROCESS = 64;
/** Without a range the server opens passive ports as they are needed, up to this number. */
const MAX_PASSIVE_PORTS = 1024;

/** Node raises the soft limit to the hard one at its start, so the hard one counts. */
export const descriptorsCheck: Check = {
  id: 'descriptors',
  async inspect({ settings, serverPid }) {
    const pid = serverPid ?? 'self';
    const limit = limitIn(readText(`/proc/${pid}/limits`) ?? readText('/proc/self/limits') ?? '');
    if (limit === undefined) return [ok('The limit of open files is not shown by this system.')];
    const { maxSessions } = settings;
    const fixed = OF_THE_PROCESS + passivePortsOf(settings);
    const [idle, busy] = [fixed + maxSessions, fixed + maxSessions * PER_TRANSFER];
    const remedy = `Set LimitNOFILE=${busy} in the service, or ulimit -n ${busy}, or lower --max-sessions.`;
    if (limit < idle) {
      return [
        problem(
          `The process may open ${limit} files, too few for --max-sessions ${maxSessions}, which needs ${idle} at least.`,
          remedy,
        ),
      ];
    }
    if (limit < busy) {
      return [
        warning(
          `The process may open ${limit} files: enough for ${maxSessions} sessions, not for transfers in all of them (${busy}).`,
          remedy,
        ),
      ];
    }
    const who = serverPid === undefined ? 'A process of this user' : 'The running server';
    return [
      ok(`${who} may open ${limit} files; --max-sessions ${maxSessions} needs up to ${busy}.`),
    ];
  },
};

function passivePortsOf({ pasvRange }: Settings): number {
  if (pasvRange === undefined) return MAX_PASSIVE_PORTS;
  return Math.min(MAX_PASSIVE_PORTS, pasvRange.last - pasvRange.first + 1);
}

function limitIn(limits: string): number | undefined {
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  if (hard === undefined) return undefined;
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}
