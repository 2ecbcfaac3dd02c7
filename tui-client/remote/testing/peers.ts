import { describe, test } from '@jest/globals';
import type { ServerKind } from '../../../bench/harness/server-kind.ts';
import { proftpd } from '../../../bench/peers/proftpd.ts';
import { pureFtpd } from '../../../bench/peers/pure-ftpd.ts';
import { pyftpdlib } from '../../../bench/peers/pyftpdlib.ts';
import { vsftpd } from '../../../bench/peers/vsftpd.ts';

/** The servers of others that the client has to work with. */
export const PEERS: readonly ServerKind[] = [vsftpd, pureFtpd, proftpd, pyftpdlib];

/** A server that is installed. */
export interface InstalledPeer {
  readonly kind: ServerKind;
  readonly programPath: string;
  readonly security: 'clear' | 'TLS';
}

/**
 * Describes the same behaviour with each server. One that is not installed is a skipped test with its name; in continuous
 * integration (`CI=true`), where all are, it is a failure.
 */
export async function describePeers(
  kinds: readonly ServerKind[],
  tests: (peer: InstalledPeer) => void,
  securities: readonly InstalledPeer['security'][] = ['clear'],
): Promise<void> {
  for (const kind of kinds) {
    const installation = await kind.find();
    for (const security of securities) {
      const title = `with ${kind.name}${security === 'TLS' ? ' over TLS' : ''}`;
      if ('missing' in installation) writeMissing(`${title}: ${installation.missing}`);
      else describePeer(title, { kind, programPath: installation.programPath, security }, tests);
    }
  }
}

function describePeer(
  title: string,
  peer: InstalledPeer,
  tests: (peer: InstalledPeer) => void,
): void {
  const lack = peer.security === 'TLS' ? peer.kind.lackOfTls?.() : undefined;
  if (lack === undefined) describe(title, () => tests(peer));
  else test.skip(`${title}: ${lack}`, () => {});
}

function writeMissing(title: string): void {
  if (process.env.CI === 'true') {
    test(title, () => {
      throw new Error('Install it with .ci/install-peers.sh and set MYFTP_BENCH_PEERS.');
    });
  } else {
    test.skip(title, () => {});
  }
}
