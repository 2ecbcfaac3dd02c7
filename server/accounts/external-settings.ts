/**
 * Settings of an account that the system which keeps its password has sent with a login. What is undefined stays as it
 * is, null takes back to the default.
 */
export interface ExternalSettings {
  /** Absolute path of a home outside of the root. */
  readonly homePath?: string;
  /** Whether a directory that exists already becomes the home of a new account, also after another of that name. */
  readonly adoptsHome?: boolean;
  readonly quotaBytes?: number | null;
  /** 0 sets no limit. */
  readonly maxFiles?: number | null;
  /** Name of a group. */
  readonly group?: string | null;
  /** Sets of rights by directory. */
  readonly rights?: Readonly<Record<string, string>> | null;
  readonly expiresAtMs?: number | null;
  /** Networks from which it may log in, as `parseNetwork` returns them. */
  readonly networks?: readonly string[] | null;
  /** Bytes per second; 0 sets no limit. */
  readonly rateUp?: number | null;
  readonly rateDown?: number | null;
}
