import type { AccessEvent, RetentionEvent, TransferEvent } from '../../db/audit-repository.ts';

type CountedEvent =
  | Pick<TransferEvent, 'kind' | 'outcome' | 'direction' | 'movedBytes'>
  | Pick<AccessEvent, 'kind' | 'outcome'>
  | Pick<RetentionEvent, 'kind' | 'reason' | 'sizeBytes'>;

interface Outcomes {
  ok: number;
  failed: number;
}

/** Counts what has happened since the start of the server, also where nothing is recorded. */
export class EventCounts {
  readonly connections = { accepted: 0, refused: 0 };
  readonly logins: Outcomes = { ok: 0, failed: 0 };
  readonly signups: Outcomes = { ok: 0, failed: 0 };
  /** Bans that the server has made by itself. */
  bans = 0;
  /** Offences against the guards by their kind. */
  readonly offences = new Map<string, number>();
  /** Files that retention has deleted, by reason. */
  readonly retention = { age: { files: 0, bytes: 0 }, quota: { files: 0, bytes: 0 } };
  readonly transfers = {
    upload: { ok: 0, failed: 0, bytes: 0 },
    download: { ok: 0, failed: 0, bytes: 0 },
  };

  count(event: CountedEvent): void {
    if (event.kind === 'transfer') {
      const counts = this.transfers[event.direction];
      counts[event.outcome] += 1;
      counts.bytes += event.movedBytes;
    } else if (event.kind === 'login') this.logins[event.outcome] += 1;
    else if (event.kind === 'signup') this.signups[event.outcome] += 1;
    else if (event.kind === 'ban') this.bans += 1;
    else if (event.kind === 'retention') {
      const counts = this.retention[event.reason];
      counts.files += 1;
      counts.bytes += event.sizeBytes;
    }
  }
}
