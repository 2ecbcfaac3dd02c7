import type { ProxyServer } from './proxy.ts';

/** How TLS is used with a site. */
export type TlsMode = 'explicit' | 'implicit' | 'none';

/** Where to connect and as whom. Holds no secret. */
export interface Site {
  /** `username@host:port`, or the name of a bookmark. */
  readonly id: string;
  /** Of a bookmark; undefined for one that was typed. */
  readonly name: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  readonly username: string;
  readonly remotePath: string | undefined;
  readonly localPath: string | undefined;
  /** Host of the data connections, if it is not that of the control connection. */
  readonly passiveHost?: string | undefined;
  /** What all connections go through; `none` if also the environment's proxy is not to be used. */
  readonly proxy?: ProxyServer | 'none' | undefined;
  /** Octets a second that all transfers together may move; undefined for no limit. */
  readonly limitBytesPerSecond?: number | undefined;
  /** Data connections are opened by PASV only; EPSV is not tried. */
  readonly usesPasv?: boolean | undefined;
  /** Of names, by its standard name; UTF-8 if left out. */
  readonly encoding?: string | undefined;
  /** How far times in LIST are ahead of UTC; found out by MDTM if left out. */
  readonly timeOffsetMinutes?: number | undefined;
}

/** A user's account on a server or a proxy. */
export type Account = Pick<Site, 'host' | 'port' | 'username'>;

/** What is known of a certificate that no authority vouches for. */
export interface CertificateFacts {
  readonly host: string;
  readonly port: number;
  /** Upper-case hex with colons. */
  readonly fingerprint256: string;
  readonly subject: string;
  readonly names: readonly string[];
  readonly validFrom: string;
  readonly validTo: string;
  /** Of TLS, as `TLSv1.3`. */
  readonly protocol: string;
  readonly isSelfSigned: boolean;
  /** Node's word for what is wrong, such as DEPTH_ZERO_SELF_SIGNED_CERT. */
  readonly problem: string;
  /** The fingerprint that was trusted before, if another one was. */
  readonly pinnedFingerprint256: string | undefined;
}

/**
 * Decides about such a certificate, before any user name or password is sent. Screens ask; scripts have
 * `--trust`.
 */
export type TrustDecision = (facts: CertificateFacts) => Promise<'refuse' | 'once' | 'always'>;
