import type { AuditEvent } from '../../db/audit-repository.ts';
import { describeSize } from '../config/units.ts';
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
        event.kind === 'transfer' ? describeSize(event.movedBytes) : '',
        event.outcome,
        aboutText(event),
      ].map(printable),
    ),
  );
}

/** The path and, of what failed, why. */
function aboutText(event: AuditEvent): string {
  const path = event.kind === 'transfer' ? event.path : '';
  const reason = event.reason === undefined ? '' : `(${event.reason})`;
  return [path, reason].filter((part) => part !== '').join(' ');
}

/** Control characters, and those that turn the direction of the text, are invisible or end a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** What a client has chosen must not steer the terminal of whoever reads it. The escapes are those of JSON. */
function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
