import type { SessionFacts } from '../admin-socket/session-facts.ts';
import { describeSize } from '../config/units.ts';
import { printable } from '../logging/printable.ts';
import type { ReloadReport } from '../start/reloader.ts';
import { momentText, textTable } from './text-table.ts';

/** The sessions as `who` shows them, oldest first. */
export function sessionTable(sessions: readonly SessionFacts[]): string {
  if (sessions.length === 0) return 'There are no sessions.\n';
  return textTable(
    ['ID', 'USER', 'FROM', 'CLIENT', 'TLS', 'SINCE', 'DOING'],
    sessions.map((session) =>
      [
        session.id,
        session.username ?? '-',
        session.address,
        session.client ?? '-',
        session.isEncrypted ? 'yes' : 'no',
        momentText(Date.parse(session.since)),
        doing(session),
      ].map(printable),
    ),
  );
}

function doing({ username, transfer, idleMs }: SessionFacts): string {
  if (transfer !== null) {
    const { verb, path, movedBytes, durationMs } = transfer;
    const bytesPerS = Math.round((movedBytes * 1000) / Math.max(durationMs, 1));
    return `${verb} ${path}, ${describeSize(movedBytes)}, ${describeSize(bytesPerS)}/s`;
  }
  const idle = `idle ${Math.round(idleMs / 1000)} s`;
  return username === null ? `not logged in, ${idle}` : idle;
}

/** What a reload has done, a line for each kind; nothing for settings that could not be read. */
export function reloadText({ changed, needRestart, problems, certificate }: ReloadReport): string {
  const lines = [
    changed.length > 0 ? `In force: ${changed.join(', ')}.` : 'No setting was changed.',
    ...(needRestart.length > 0 ? [`Needs a restart: ${needRestart.join(', ')}.`] : []),
    ...(certificate === 'reloaded' ? ['The certificate was read again.'] : []),
  ];
  return problems.length > 0 && changed.length + needRestart.length === 0
    ? ''
    : `${lines.join('\n')}\n`;
}
