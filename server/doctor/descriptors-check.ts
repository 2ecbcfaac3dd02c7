import type { Settings } from '../config/settings.ts';
import { maxPassivePorts } from '../data/max-passive-ports.ts';
import { openFilesLimit } from '../system/open-files-limit.ts';
import { type Check, ok, problem, warning } from './finding.ts';

/** Control connection, data connection, the file, and its directory. */
const PER_TRANSFER = 4;
/** Database, logs, standard streams, event loop, worker threads. */
const OF_THE_PROCESS = 64;

export const descriptorsCheck: Check = {
  id: 'descriptors',
  async inspect({ settings, serverPid }) {
    const limit = openFilesLimit(serverPid);
    if (limit === undefined) return [ok('The limit of open files is not shown by this system.')];
    const { maxSessions } = settings;
    const fixed = OF_THE_PROCESS + passivePortsOf(settings, limit);
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

function passivePortsOf({ pasvRange }: Settings, limit: number): number {
  const most = maxPassivePorts(limit);
  return pasvRange === undefined ? most : Math.min(most, pasvRange.last - pasvRange.first + 1);
}
