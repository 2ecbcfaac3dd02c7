import type { FailureKind } from '../errors/failure.ts';

export type CheckName =
  | 'name'
  | 'connection'
  | 'greeting'
  | 'features'
  | 'tls'
  | 'certificate'
  | 'login'
  | 'pasv-address'
  | 'epsv-data'
  | 'pasv-data'
  | 'data-tls';

type Facts = Readonly<Record<string, unknown>> | undefined;

/** The result of one check. */
export interface Finding {
  readonly check: CheckName;
  /** `unchecked` if something that the check needs is missing. */
  readonly state: 'ok' | 'warning' | 'problem' | 'unchecked';
  /** A sentence. */
  readonly text: string;
  /** What the administrator or the user can do. */
  readonly remedy?: string | undefined;
  /** The kind of a problem, which decides the exit code. */
  readonly kind?: FailureKind;
  /** Values for programs. */
  readonly facts?: Facts;
}

interface Trouble {
  readonly text: string;
  readonly remedy: string;
  readonly facts?: Facts;
}

export function ok(check: CheckName, text: string, facts?: Facts): Finding {
  return { check, state: 'ok', text, facts };
}

export function warning(check: CheckName, trouble: Trouble): Finding {
  return { check, state: 'warning', ...trouble };
}

export function problem(
  check: CheckName,
  kind: FailureKind,
  trouble: Pick<Finding, 'text' | 'remedy' | 'facts'>,
): Finding {
  return { check, state: 'problem', kind, ...trouble };
}

export function unchecked(check: CheckName, text: string, remedy?: string): Finding {
  return { check, state: 'unchecked', text, remedy };
}
