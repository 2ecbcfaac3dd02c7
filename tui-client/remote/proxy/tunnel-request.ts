import type { ProxyLogin } from './proxy-login.ts';

/** The other end of a tunnel. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** The input of a handshake with a proxy. */
export interface TunnelRequest {
  readonly via: ProxyLogin;
  readonly destination: Destination;
  /** Undefined for a proxy without a user. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}
