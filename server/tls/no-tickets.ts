import type { SecureContext } from 'node:tls';

/** What Node keeps of a context: OpenSSL's callback for ticket keys. `tls` offers no way to send no tickets. */
interface TicketCallback {
  enableTicketKeyCallback?(): void;
  onticketkeycallback?: () => readonly [result: 0, ...parts: Buffer[]];
}

/** Major releases of Node on which the callback has been tried: a wrong result would end the process. */
const PROVEN_MAJORS: ReadonlySet<number> = new Set([22, 24, 26]);

/** The HMAC key, the AES key, the name and the initialization vector of a ticket. Node insists on them and uses none. */
const UNUSED = Buffer.alloc(16);

/**
 * Keeps a context from sending session tickets.
 *
 * `SSL_OP_NO_TICKET` replaces the two tickets of TLS 1.3 by two others, which carry the number of a session. Clients
 * that do not expect a message after the handshake, such as wput, take them for a lost connection. A callback that has no
 * key for a new ticket makes OpenSSL send none.
 *
 * @returns false if Node lacks the callback or is another release; the option is what is left then, and TLS 1.2 heeds it.
 */
export function sendNoTickets(context: SecureContext): boolean {
  const { context: native } = context as { readonly context: TicketCallback };
  if (!PROVEN_MAJORS.has(Number.parseInt(process.versions.node, 10))) return false;
  if (typeof native.enableTicketKeyCallback !== 'function') return false;
  native.onticketkeycallback = () => [0, UNUSED, UNUSED, UNUSED, UNUSED];
  native.enableTicketKeyCallback();
  return true;
}
