import type { Certificate } from './certificate.ts';
import {
  ControlTls,
  createTicketlessContext,
  type SessionReuse,
  type TicketlessContext,
} from './control-tls.ts';

/** The certificate that the server shows. */
export class TlsIdentity {
  readonly #sessionReuse: SessionReuse;
  #certificate: Certificate;
  #ticketlessContext: TicketlessContext | undefined;

  constructor(certificate: Certificate, options: { readonly sessionReuse: SessionReuse }) {
    this.#certificate = certificate;
    this.#sessionReuse = options.sessionReuse;
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  /** Takes another certificate for the connections to come; those that there are keep theirs. */
  replace(certificate: Certificate): void {
    this.#certificate = certificate;
    this.#ticketlessContext = undefined;
  }

  /** TLS state of one more control connection. */
  newControlTls(): ControlTls {
    const certificate = this.#certificate;
    return new ControlTls(certificate, {
      sessionReuse: this.#sessionReuse,
      ticketlessContext: () => {
        if (certificate !== this.#certificate) return createTicketlessContext(certificate);
        this.#ticketlessContext ??= createTicketlessContext(certificate);
        return this.#ticketlessContext;
      },
    });
  }
}
