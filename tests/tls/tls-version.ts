import type { ConnectionOptions, SecureVersion } from 'node:tls';

/** The versions that the server speaks. */
export const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[];

/** What a client has to say to speak that version alone. */
export function only(version: SecureVersion): ConnectionOptions {
  return { minVersion: version, maxVersion: version };
}
