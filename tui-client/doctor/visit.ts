import type { Socket } from 'node:net';
import { Failure } from '../errors/failure.ts';
import type { Capabilities } from '../remote/connection/capabilities.ts';
import { ControlConnection } from '../remote/connection/control-connection.ts';
import { type LogListener, RedactedLog } from '../remote/connection/redacted-log.ts';
import type { ProxyLogin } from '../remote/proxy/proxy-login.ts';
import type { Site } from '../sites/site.ts';

export interface VisitOptions {
  readonly site: Site;
  /** The fingerprint that the user trusts, by `--trust` or from an earlier visit. */
  readonly trusted?: string | undefined;
  /** Undefined if no password is available. */
  readonly password?: (() => Promise<string>) | undefined;
  readonly stop?: AbortSignal | undefined;
  /** The proxy to go through; undefined for direct connections. */
  readonly via?: ProxyLogin | undefined;
  /** Receives the conversation, without secrets. */
  readonly log?: LogListener | undefined;
  /** Time for each answer of the server. */
  readonly answerMs?: number | undefined;
}

const DEFAULT_ANSWER_MS = 10_000;

/** One look at a server: what the checks have found out so far and share. */
export class Visit {
  readonly site: Site;
  readonly trusted: string | undefined;
  readonly password: (() => Promise<string>) | undefined;
  readonly answerMs: number;
  readonly via: ProxyLogin | undefined;
  readonly log: RedactedLog;
  /** Addresses of the host, in the order in which the system prefers them. */
  addresses: readonly string[] = [];
  /** Connected, and not yet used. */
  socket: Socket | undefined;
  control: ControlConnection | undefined;
  capabilities: Capabilities | undefined;
  /** Whether a secret may be sent: the certificate is trusted, or the user said `--plain`. */
  maySendSecrets = false;
  isLoggedIn = false;
  /** Whether PROT P is on. */
  protectsData = false;
  readonly #stop: AbortSignal | undefined;

  constructor({ site, trusted, password, stop, via, log, answerMs }: VisitOptions) {
    this.site = site;
    this.trusted = trusted?.toUpperCase();
    this.password = password;
    this.answerMs = answerMs ?? DEFAULT_ANSWER_MS;
    this.via = via;
    this.log = new RedactedLog(log).nextConnection();
    this.#stop = stop;
  }

  /** A control connection that is not connected yet. */
  newControl(): ControlConnection {
    const control = new ControlConnection({ log: this.log });
    control.via = this.via;
    control.passiveHost = this.site.passiveHost ?? (this.via && this.site.host);
    return control;
  }

  /** Aborted by the user, or when the time for an answer has passed. */
  timeLimit(): AbortSignal {
    const limit = AbortSignal.timeout(this.answerMs);
    return this.#stop === undefined ? limit : AbortSignal.any([limit, this.#stop]);
  }

  /** What went wrong. @throws the reason if it was the user who ended the visit. */
  failure(error: unknown): Failure {
    this.#stop?.throwIfAborted();
    if (error instanceof Failure) return error;
    if ((error as Partial<Error> | undefined)?.name === 'TimeoutError') {
      return new Failure('network', `no answer within ${this.answerMs / 1000} s`);
    }
    throw error;
  }

  /** Ends the connection. */
  async leave(): Promise<void> {
    if (this.control === undefined) this.socket?.destroy();
    else await this.control.quit();
  }
}
