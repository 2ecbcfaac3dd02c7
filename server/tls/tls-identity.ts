import type { Certificate } from './certificate.ts';
import { ControlTls, type SessionReuse } from './control-tls.ts';

/** The certificate that the server shows. */
export class TlsIdentity {
  readonly #sessionReuse: SessionReuse;
  #certificate: Certificate;

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
  }

  /** What one more control connection needs. */
  newControlTls(): ControlTls {
    return new ControlTls(this.#certificate, { sessionReuse: this.#sessionReuse });
  }
}
