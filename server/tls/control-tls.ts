import { constants, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** Octets of a ticket key: its name, its HMAC key and its AES key (RFC 5077 §4). */
const TICKET_KEY_OCTETS = 48;

/** Sessions can be resumed as long as their control connection may live. */
const SESSION_SECONDS = 7 * 24 * 60 * 60;

/** Sessions without a ticket that are remembered: clients resume their last. */
const SESSIONS_AT_MOST = 8;

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
  readonly #sessions: EventEmitter | undefined;

  constructor(
    { certPem: cert, keyPem: key }: Pick<Certificate, 'certPem' | 'keyPem'>,
    { sessionReuse }: { readonly sessionReuse: SessionReuse },
  ) {
    this.#context = createSecureContext({
      cert,
      key,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
      ticketKeys: randomBytes(TICKET_KEY_OCTETS),
      sessionIdContext: 'myftp',
      sessionTimeout: SESSION_SECONDS,
      secureOptions: sessionReuse === 'off' ? constants.SSL_OP_NO_TICKET : 0,
    });
    this.#sessions = sessionReuse === 'off' ? undefined : rememberedSessions();
  }

  /**
   * Wraps an accepted socket. The handshake begins at once; `secure` tells that it is done, `close` that
   * it, or the connection, has failed.
   */
  secure(plain: Socket): TLSSocket {
    const secured = new TLSSocket(plain, {
      isServer: true,
      secureContext: this.#context,
      requestCert: false,
      ...(this.#sessions && { server: this.#sessions as never }),
    });
    // Without a `tls.Server` around it, a TLS socket tells of its errors by this event alone, and stays open.
    secured.on('_tlsError', (error: Error) => secured.destroy(error));
    return secured;
  }
}

/**
 * Sessions by id, for clients that take no tickets in TLS 1.2, as curl does. Node asks the server that it
 * is given for them; it takes anything that answers these two events.
 */
function rememberedSessions(): EventEmitter {
  const sessions = new Map<string, Buffer>();
  return new EventEmitter()
    .on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
      sessions.set(id.toString('hex'), session);
      for (const oldest of sessions.keys()) {
        if (sessions.size <= SESSIONS_AT_MOST) break;
        sessions.delete(oldest);
      }
      done();
    })
    .on('resumeSession', (id: Buffer, done: (error: null, session: Buffer | null) => void) => {
      done(null, sessions.get(id.toString('hex')) ?? null);
    });
}
