/** A server that is installed on this machine, or the reason why it cannot take part. */
export type Installation =
  | { readonly version: string; readonly programPath: string }
  | { readonly missing: string };

/** Files in PEM. */
export interface Certificate {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** The key and the certificate in one file. */
  readonly bothPath: string;
}

/** Where one run of a server keeps its things and which ports it may use. */
interface Site {
  /** For configuration and logs; exists. */
  readonly directoryPath: string;
  readonly port: number;
  readonly passivePorts: { readonly first: number; readonly last: number };
  /** Offer TLS with this one; undefined for the questions in clear. */
  readonly certificate: Certificate | undefined;
}

/** How to start a server and what its clients see. */
export interface LaunchPlan {
  readonly command: readonly [program: string, ...args: string[]];
  readonly user: string;
  readonly password: string;
  /** The directory that is `/` to the client. */
  readonly rootPath: string;
}

/** One of the servers that are compared. */
export interface ServerKind {
  readonly name: string;
  /** How a password is checked: most of what a login costs. */
  readonly loginCheck: string;
  find(): Promise<Installation>;
  /** Why it cannot take part in the questions over TLS; undefined if it can. */
  lackOfTls?(): string | undefined;
  prepare(site: Site, programPath: string): Promise<LaunchPlan>;
}

/** The environment for servers: the user's own settings of MyFTP must not change what is measured. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const settings = Object.entries(process.env).filter(([name]) => !name.startsWith('MYFTP_'));
  return Object.fromEntries(settings);
}
