import type { SecureContext } from 'node:tls';
import type { Certificate } from './certificate.ts';
import { ControlTls, createContextWithoutTickets, type SessionReuse } from './control-tls.ts';

/** The certificate that the server shows. */
export class TlsIdentity {
  readonly #sessionReuse: SessionReuse;
  #certificate: Certificate;
  #contextWithoutTickets: SecureContext | undefined;

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
    this.#contextWithoutTickets = undefined;
  }

  /** What one more control connection needs. */
  newControlTls(): ControlTls {
    const certificate = this.#certificate;
    return new ControlTls(certificate, {
      sessionReuse: this.#sessionReuse,
      contextWithoutTickets: () => {
        if (certificate !== this.#certificate) return createContextWithoutTickets(certificate);
        this.#contextWithoutTickets ??= createContextWithoutTickets(certificate);
        return this.#contextWithoutTickets;
      },
    });
  }
}
