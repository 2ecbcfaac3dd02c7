import { constants, randomBytes } from 'node:crypto';
import { Server, type Socket } from 'node:net';
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  TLSSocket,
  type TLSSocketOptions,
} from 'node:tls';
import { sendNoTickets, TLS_ERROR_EVENT } from '../system/node-internals.ts';
import type { Certificate } from './certificate.ts';
import type { ClientHello } from './client-hello.ts';

/** Octets of a ticket key: its name, its HMAC key and its AES key (RFC 5077 §4). */
const TICKET_KEY_OCTETS = 48;

/** Octets of a ticket key's name, with which each ticket begins. */
const KEY_NAME_OCTETS = 16;

/** Sessions can be resumed as long as their control connection may live. */
const SESSION_SECONDS = 7 * 24 * 60 * 60;

/** Some clients resume a session only once, since the ticket is used up then (curl and PHP with TLS 1.3). */
const RESUMES_AFTER = 2;

/** Whether data connections may, should or must resume a session of their control connection. */
export type SessionReuse = 'off' | 'prefer' | 'require';

/**
 * The server's side of TLS on one control connection and its data connections.
 *
 * It has its own ticket key and session ids, so a session that a data connection resumes can only come from this
 * control connection: another client that connects to its passive port cannot resume it.
 */
export class ControlTls {
  readonly #context: SecureContext;
  readonly #ticketlessContext: () => TicketlessContext;
  readonly #sessions: SessionsById | undefined;
  /** Undefined if no session can be resumed. */
  readonly #ticketKeyName: Buffer | undefined;
  readonly #mustResume: boolean;
  #resumedInARow = 0;

  constructor(
    certificate: CertificatePair,
    options: {
      readonly sessionReuse: SessionReuse;
      /** The context of {@link createTicketlessContext}, which all control connections can share. */
      readonly ticketlessContext?: () => TicketlessContext;
    },
  ) {
    const { sessionReuse } = options;
    this.#mustResume = sessionReuse === 'require';
    const ticketKeys = randomBytes(TICKET_KEY_OCTETS);
    const context = (secureOptions: number) =>
      createContext(certificate, { ticketKeys, sessionTimeout: SESSION_SECONDS, secureOptions });
    this.#context = context(0);
    if (sessionReuse === 'off' && !sendNoTickets(this.#context)) {
      this.#context = context(constants.SSL_OP_NO_TICKET);
    }
    this.#ticketlessContext =
      options.ticketlessContext ?? (() => createTicketlessContext(certificate));
    this.#ticketKeyName =
      sessionReuse === 'off' ? undefined : ticketKeys.subarray(0, KEY_NAME_OCTETS);
    this.#sessions = sessionReuse === 'off' ? undefined : sessionsById();
  }

  /**
   * Wraps the control connection. The handshake starts at once; `secure` reports its success, `close` its failure or
   * that of the connection.
   */
  secureControl(plain: Socket): TLSSocket {
    return this.#secure(plain, this.#sessions?.ofControl);
  }

  /**
   * Wraps an accepted data connection, in the same way.
   *
   * A full handshake of TLS 1.3 usually ends with two session tickets. A client that never reads from its data connection
   * leaves them in its socket, and its system then answers `close` with a reset that drops the rest of an upload. So a client that
   * does not resume gets a context that sends none. A resumed handshake sends no tickets.
   *
   * @param hello undefined if it could not be read.
   */
  secureData(plain: Socket, hello: ClientHello | undefined): TLSSocket {
    if (hello !== undefined && !this.canResume(hello)) {
      const { secureContext, maxVersion } = this.#ticketlessContext();
      if (maxVersion === 'TLSv1.3' || hello.acceptsTls12) return wrap(plain, { secureContext });
    }
    return this.#secure(plain, this.#sessions?.ofData);
  }

  /** Whether the client must resume a session on its next data connection, or probably does, as on its last ones. */
  get expectsResumption(): boolean {
    return this.#mustResume || this.#resumedInARow >= RESUMES_AFTER;
  }

  /** A data connection has resumed a session. */
  resumptionDone(): void {
    this.#resumedInARow += 1;
  }

  /** A data connection has not resumed a session, so the client may not do so any longer. */
  resumptionMissed(): void {
    this.#resumedInARow = 0;
  }

  /** Whether a client offers a session of this control connection, which only the client knows. */
  canResume({ sessionId, tickets }: ClientHello): boolean {
    const name = this.#ticketKeyName;
    if (name === undefined) return false;
    return (
      tickets.some((ticket) => ticket.subarray(0, KEY_NAME_OCTETS).equals(name)) ||
      this.#sessions?.has(sessionId) === true
    );
  }

  #secure(plain: Socket, sessions: Server | undefined): TLSSocket {
    return wrap(plain, { secureContext: this.#context, ...(sessions && { server: sessions }) });
  }
}

type CertificatePair = Pick<Certificate, 'certPem' | 'keyPem'>;

/** A context whose handshakes leave nothing unread. */
export interface TicketlessContext {
  readonly secureContext: SecureContext;
  /** TLS 1.2 where Node cannot keep TLS 1.3 from sending tickets. */
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
}

/** For data connections without resumption. It issues nothing that could be resumed. */
export function createTicketlessContext(certificate: CertificatePair): TicketlessContext {
  const secureContext = createContext(certificate, {});
  if (sendNoTickets(secureContext)) return { secureContext, maxVersion: 'TLSv1.3' };
  const maxVersion = 'TLSv1.2';
  const secureOptions = constants.SSL_OP_NO_TICKET;
  return { secureContext: createContext(certificate, { maxVersion, secureOptions }), maxVersion };
}

function createContext(
  { certPem: cert, keyPem: key }: CertificatePair,
  options: SecureContextOptions,
): SecureContext {
  return createSecureContext({
    cert,
    key,
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    sessionIdContext: 'myftp',
    ...options,
  });
}

const socketsBeneath = new WeakMap<TLSSocket, Socket>();

/** The TCP socket that `ControlTls` has wrapped, or the TLS socket itself if something else has made it. */
export function socketBeneath(secured: TLSSocket): Socket {
  return socketsBeneath.get(secured) ?? secured;
}

function wrap(plain: Socket, options: TLSSocketOptions): TLSSocket {
  const secured = new TLSSocket(plain, { isServer: true, requestCert: false, ...options });
  secured.on(TLS_ERROR_EVENT, (error: Error) => secured.destroy(error));
  socketsBeneath.set(secured, plain);
  return secured;
}

interface SessionsById {
  readonly ofControl: Server;
  /** Undefined if there is none to resume: looking for it costs each data connection something. */
  readonly ofData: Server | undefined;
  has(sessionId: Buffer): boolean;
}

/**
 * The session of the control connection, for clients that take no tickets in TLS 1.2, as curl does. Node
 * asks the `server` of a TLS socket for sessions by these two events; it never listens.
 *
 * Data connections can resume it and leave none of their own: a stranger that is refused at the end of its
 * handshake knows the session that it has made.
 */
function sessionsById(): SessionsById {
  let known: { readonly id: string; readonly session: Buffer } | undefined;
  const resume = (id: Buffer, done: (error: null, session: Buffer | null) => void) =>
    done(null, known?.id === id.toString('hex') ? known.session : null);
  const remember = (id: Buffer, session: Buffer, done: () => void) => {
    known = { id: id.toString('hex'), session };
    done();
  };
  const ofData = new Server().on('resumeSession', resume);
  return {
    ofControl: new Server().on('resumeSession', resume).on('newSession', remember),
    get ofData() {
      return known && ofData;
    },
    has: (sessionId) => known?.id === sessionId.toString('hex'),
  };
}
