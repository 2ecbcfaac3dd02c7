/** What counts against the origin of a client, in points. A password mistyped counts least: everybody does that. */
export const OFFENCE_POINTS = {
  'wrong password': 1,
  'network not allowed': 1,
  'wrong invite': 2,
  'unknown name': 2,
  'unknown command': 1,
  'line too long': 2,
  'endless line': 5,
  'http request': 5,
  'failed tls handshake': 1,
  'no login in time': 1,
  'too many connections': 1,
  'too many sign-ups': 1,
} as const;

export type Offence = keyof typeof OFFENCE_POINTS;

/** Client that commits an offence. */
export interface Offender {
  readonly address: string;
  /** Undefined for a client that was refused a session. */
  readonly session?: string | undefined;
  /** Name of the login that has failed. */
  readonly username?: string | undefined;
}
