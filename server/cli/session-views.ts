import type { SessionFacts } from '../admin-socket/session-facts.ts';
import { describeSize } from '../config/units.ts';
import { printable } from '../logging/printable.ts';
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
