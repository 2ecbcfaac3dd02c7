import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { ProxyLogin } from '../proxy/proxy-login.ts';

/** The facts of a control connection that its data connections take over. */
export interface ControlFacts {
  readonly socket: Pick<Socket, 'remoteAddress'>;
  readonly isEncrypted: boolean;
  /** Host of the data connections; undefined for the one that the control connection has reached. */
  readonly passiveHost: string | undefined;
  /** The proxy that data connections go through, too. */
  readonly via: ProxyLogin | undefined;
  /** Of the server's certificate; undefined in clear. */
  readonly fingerprint256: string | undefined;
  readonly tlsOptions: ConnectionOptions;
  /** The latest TLS session of the server, which the next data connection resumes. */
  tlsSessionStore?: Buffer | undefined;
}
