import type { AuditEvent } from '../../db/audit-repository.ts';
import { describeSize } from '../config/units.ts';
import { printable } from '../logging/printable.ts';
import { isoTime } from './account-views.ts';
import { momentText, textTable } from './text-table.ts';

/** An event as `--json` shows it, in one line. What does not apply is left out. */
export function auditLine(event: AuditEvent): string {
  return `${printable(JSON.stringify(auditJson(event)))}\n`;
}

/** Times are ISO 8601 in UTC. */
function auditJson(event: AuditEvent) {
  const { id, atMs, kind, outcome, reason, username, address, session } = event;
  const common = { id, at: isoTime(atMs), kind, outcome, reason, username, address, session };
  if (event.kind === 'retention') {
    const { path, sizeBytes } = event;
    return { ...common, path, sizeBytes };
  }
  if (event.kind !== 'transfer') return common;
  const { verb, direction, path, offsetBytes, movedBytes, durationMs, sha256 } = event;
  return { ...common, verb, direction, path, offsetBytes, movedBytes, durationMs, sha256 };
}

export function auditTable(events: readonly AuditEvent[]): string {
  return textTable(
    ['RECEIPT', 'TIME', 'USER', 'FROM', 'WHAT', 'SIZE', 'OUTCOME', 'PATH'],
    events.map((event) =>
      [
        String(event.id),
        momentText(event.atMs),
        event.username,
        event.address,
        event.kind === 'transfer' ? event.verb : event.kind,
        sizeText(event),
        event.outcome,
        aboutText(event),
      ].map(printable),
    ),
  );
}

function sizeText(event: AuditEvent): string {
  if (event.kind === 'retention') return describeSize(event.sizeBytes);
  return event.kind === 'transfer' ? describeSize(event.movedBytes) : '';
}

/** The path and, of what failed, why. */
function aboutText(event: AuditEvent): string {
  const path = event.kind === 'transfer' || event.kind === 'retention' ? event.path : '';
  const reason = event.reason === undefined ? '' : `(${event.reason})`;
  return [path, reason].filter((part) => part !== '').join(' ');
}
