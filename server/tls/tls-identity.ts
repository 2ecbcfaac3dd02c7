import { randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** Octets of a ticket key: its name, its HMAC key and its AES key (RFC 5077 §4). */
const TICKET_KEY_OCTETS = 48;

/** Sessions can be resumed as long as their control connection may live. */
const SESSION_SECONDS = 7 * 24 * 60 * 60;

/** The server's certificate, and the TLS contexts that are made of it. */
export class TlsIdentity {
  #certificate: Certificate;

  constructor(certificate: Certificate) {
    this.#certificate = certificate;
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  /** Takes another certificate for the connections to come; those that there are keep theirs. */
  replace(certificate: Certificate): void {
    this.#certificate = certificate;
  }

  /**
   * A context for one control connection and its data connections.
   *
   * It has a ticket key of its own, so a session that a data connection resumes can only come from this
   * control connection: whoever else connects to its passive port cannot resume it.
   */
  newContext(): SecureContext {
    const { certPem: cert, keyPem: key } = this.#certificate;
    return createSecureContext({
      cert,
      key,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
      ticketKeys: randomBytes(TICKET_KEY_OCTETS),
      sessionIdContext: 'myftp',
      sessionTimeout: SESSION_SECONDS,
    });
  }
}
