import { constants, randomBytes } from 'node:crypto';
import { Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { TLS_ERROR_EVENT } from '../node-internals.ts';
import type { Certificate } from './certificate.ts';

/** Octets of a ticket key: its name, its HMAC key and its AES key (RFC 5077 §4). */
const TICKET_KEY_OCTETS = 48;

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
  readonly #sessions: SessionsById | undefined;

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
    this.#sessions = sessionReuse === 'off' ? undefined : sessionsById();
  }

  /**
   * Wraps the control connection. The handshake begins at once; `secure` tells that it is done, `close`
   * that it, or the connection, has failed.
   */
  secureControl(plain: Socket): TLSSocket {
    return this.#secure(plain, this.#sessions?.ofControl);
  }

  /** Wraps an accepted data connection, in the same way. */
  secureData(plain: Socket): TLSSocket {
    return this.#secure(plain, this.#sessions?.ofData);
  }

  #secure(plain: Socket, sessions: Server | undefined): TLSSocket {
    const secured = new TLSSocket(plain, {
      isServer: true,
      secureContext: this.#context,
      requestCert: false,
      ...(sessions && { server: sessions }),
    });
    secured.on(TLS_ERROR_EVENT, (error: Error) => secured.destroy(error));
    socketsBeneath.set(secured, plain);
    return secured;
  }
}

const socketsBeneath = new WeakMap<TLSSocket, Socket>();

/** The TCP socket that `ControlTls` has wrapped, or the TLS socket itself if something else has made it. */
export function socketBeneath(secured: TLSSocket): Socket {
  return socketsBeneath.get(secured) ?? secured;
}

interface SessionsById {
  readonly ofControl: Server;
  /** Undefined if there is none to resume: looking for it costs each data connection something. */
  readonly ofData: Server | undefined;
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
  };
}
