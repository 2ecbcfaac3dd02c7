import type { DatabaseInspection } from '../../db/inspect-database.ts';
import type { Settings } from '../config/settings.ts';

export type Level = 'ok' | 'warning' | 'problem';

/** The result of a part of a check. */
export interface Verdict {
  readonly level: Level;
  /** A sentence that states the fact. */
  readonly text: string;
  /** Remedy; undefined if there is nothing to do. */
  readonly remedy?: string;
}

/** A verdict with the check that made it. */
export interface Finding extends Verdict {
  readonly id: CheckId;
}

/** Scripts match these; they stay as they are. */
export type CheckId =
  | 'settings'
  | 'node'
  | 'proc'
  | 'koffi'
  | 'lock'
  | 'port'
  | 'implicit-port'
  | 'pasv-range'
  | 'public-host'
  | 'certificate'
  | 'password-check'
  | 'data'
  | 'root'
  | 'log-dir'
  | 'anonymous'
  | 'staging'
  | 'homes'
  | 'owners'
  | 'folders'
  | 'lock'
  | 'space'
  | 'database'
  | 'descriptors'
  | 'clock';

export interface DoctorContext {
  readonly settings: Settings;
  readonly now: () => number;
  /** The process of the server that has the lock on the data directory, on this machine. */
  readonly serverPid: number | undefined;
  /** Inspects the database once for all checks. Undefined if there is none. @throws DatabaseError */
  readonly database: () => Promise<DatabaseInspection | undefined>;
}

/** One subject that doctor looks at. It changes nothing. */
export interface Check {
  readonly id: CheckId;
  inspect(context: DoctorContext): Promise<readonly Verdict[]>;
}

export function ok(text: string): Verdict {
  return { level: 'ok', text };
}

export function warning(text: string, remedy: string): Verdict {
  return { level: 'warning', text, remedy };
}

export function problem(text: string, remedy: string): Verdict {
  return { level: 'problem', text, remedy };
}
