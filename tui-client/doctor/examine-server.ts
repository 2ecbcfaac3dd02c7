import { checkCertificate } from './check-certificate.ts';
import { checkConnection } from './check-connection.ts';
import { checkDataConnections } from './check-data-connections.ts';
import { checkFeatures } from './check-features.ts';
import { checkGreeting } from './check-greeting.ts';
import { checkLogin } from './check-login.ts';
import { checkName } from './check-name.ts';
import { checkPassiveAddress } from './check-passive-address.ts';
import { checkTls } from './check-tls.ts';
import type { Finding } from './finding.ts';
import { Visit, type VisitOptions } from './visit.ts';

type Check = (visit: Visit) => Promise<readonly Finding[]>;

const IN_CLEAR: readonly Check[] = [checkGreeting, checkFeatures, checkTls, checkCertificate];
const IMPLICIT: readonly Check[] = [checkTls, checkCertificate, checkGreeting, checkFeatures];
const LOGGED_IN: readonly Check[] = [checkLogin, checkPassiveAddress, checkDataConnections];

/** Looks at a server from outside, as a client does, and gives each finding when it is made. */
export async function* examineServer(options: VisitOptions): AsyncGenerator<Finding> {
  const visit = new Visit(options);
  try {
    yield* await checkName(visit);
    if (visit.addresses.length === 0) return;
    yield* await checkConnection(visit);
    if (visit.socket === undefined) return;
    const first = options.site.tls === 'implicit' ? IMPLICIT : IN_CLEAR;
    for (const check of [...first, ...LOGGED_IN]) {
      yield* await check(visit);
      if (visit.control === undefined || visit.control.isLost) return;
    }
  } finally {
    await visit.leave();
  }
}
