import { expect, test } from '@jest/globals';
import { handshakeOffence } from './handshake-offence.ts';

test.each([
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'failed tls handshake'],
  ['ERR_SSL_HTTP_REQUEST', 'http request'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', undefined],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', undefined],
  ['ECONNRESET', undefined],
])('%s is %s', (code, offence) => {
  expect(handshakeOffence(Object.assign(new Error(), { code }))).toBe(offence);
});
