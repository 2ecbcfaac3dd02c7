import { constants, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  TLSSocket,
  type TLSSocketOptions,
} from 'node:tls';
import type { Certificate } from './certificate.ts';
import type { ClientHello } from './client-hello.ts';
import { sendNoTickets } from './no-tickets.ts';

/** Octets of a ticket key: its name, its HMAC key and its AES key (RFC 5077 §4). */
const TICKET_KEY_OCTETS = 48;

/** Octets of a ticket key's name, with which each ticket begins. */
const KEY_NAME_OCTETS = 16;

/** Sessions can be resumed as long as their control connection may live. */
const SESSION_SECONDS = 7 * 24 * 60 * 60;

/** Whether data connections may, should or must resume a session of their control connection. */
export type SessionReuse = 'off' | 'prefer' | 'require';

/**
 * The server's side of TLS on one control connection and its data connections.
 *
 * It has a ticket key and session ids of its own, so a session that a data connection resumes can only
 * come from this control connection: whoever else connects to its passive port cannot resume it.
 */
export class ControlTls {
  readonly #context: SecureContext;
  readonly #contextWithoutTickets: () => SecureContext;
  readonly #sessions: SessionsById | undefined;
  /** Undefined if no session can be resumed. */
  readonly #ticketKeyName: Buffer | undefined;

  constructor(
    certificate: CertificatePair,
    options: {
      readonly sessionReuse: SessionReuse;
      /** The context of {@link createContextWithoutTickets}, which all control connections can share. */
      readonly contextWithoutTickets?: () => SecureContext;
    },
  ) {
    const { sessionReuse } = options;
    const ticketKeys = randomBytes(TICKET_KEY_OCTETS);
    const context = (secureOptions: number) =>
      createContext(certificate, { ticketKeys, sessionTimeout: SESSION_SECONDS, secureOptions });
    this.#context = context(0);
    if (sessionReuse === 'off' && !sendNoTickets(this.#context)) {
      this.#context = context(constants.SSL_OP_NO_TICKET);
    }
    this.#contextWithoutTickets =
      options.contextWithoutTickets ?? (() => createContextWithoutTickets(certificate));
    this.#ticketKeyName =
      sessionReuse === 'off' ? undefined : ticketKeys.subarray(0, KEY_NAME_OCTETS);
    this.#sessions = sessionReuse === 'off' ? undefined : sessionsById();
  }

  /**
   * Wraps the control connection. The handshake begins at once; `secure` tells that it is done, `close`
   * that it, or the connection, has failed.
   */
  secureControl(plain: Socket): TLSSocket {
    return this.#secure(plain, this.#sessions?.ofControl);
  }

  /**
   * Wraps an accepted data connection, in the same way.
   *
   * A full handshake of TLS 1.3 would end with two session tickets. A client that never reads from its data connection
   * leaves them in its socket, and its system then answers `close` with a reset that drops the rest of an upload. So a client that
   * does not resume gets TLS 1.2, whose handshake leaves nothing unread, unless it insists on TLS 1.3. A resumed handshake
   * sends no tickets.
   *
   * @param hello undefined if it could not be read.
   */
  secureData(plain: Socket, hello: ClientHello | undefined): TLSSocket {
    if (hello?.acceptsTls12 && !this.#canResume(hello)) {
      return wrap(plain, { secureContext: this.#contextWithoutTickets() });
    }
    return this.#secure(plain, this.#sessions?.ofData);
  }

  #canResume({ sessionId, tickets }: ClientHello): boolean {
    const name = this.#ticketKeyName;
    if (name === undefined) return false;
    return (
      tickets.some((ticket) => ticket.subarray(0, KEY_NAME_OCTETS).equals(name)) ||
      this.#sessions?.has(sessionId) === true
    );
  }

  #secure(plain: Socket, sessions: EventEmitter | undefined): TLSSocket {
    return wrap(plain, {
      secureContext: this.#context,
      ...(sessions && { server: sessions as never }),
    });
  }
}

type CertificatePair = Pick<Certificate, 'certPem' | 'keyPem'>;

/** For data connections that resume no session: TLS 1.2 without tickets. */
export function createContextWithoutTickets(certificate: CertificatePair): SecureContext {
  return createContext(certificate, {
    maxVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
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

function wrap(plain: Socket, options: TLSSocketOptions): TLSSocket {
  const secured = new TLSSocket(plain, { isServer: true, requestCert: false, ...options });
  // Without a `tls.Server` around it, a TLS socket tells of its errors by this event alone, and stays open.
  secured.on('_tlsError', (error: Error) => secured.destroy(error));
  return secured;
}

interface SessionsById {
  readonly ofControl: EventEmitter;
  /** Undefined if there is none to resume: looking for it costs each data connection something. */
  readonly ofData: EventEmitter | undefined;
  has(sessionId: Buffer): boolean;
}

/**
 * The session of the control connection, for clients that take no tickets in TLS 1.2, as curl does. Node
 * asks the server that it is given for sessions; it takes anything that answers these two events.
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
  const ofData = new EventEmitter().on('resumeSession', resume);
  return {
    ofControl: new EventEmitter().on('resumeSession', resume).on('newSession', remember),
    get ofData() {
      return known && ofData;
    },
    has: (sessionId) => known?.id === sessionId.toString('hex'),
  };
}
