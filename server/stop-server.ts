import { MemberRepository } from '../db/member-repository.ts';
import type { Database } from '../db/open-database.ts';
import type { AdminSocket } from './admin-socket/admin-socket.ts';
import type { MyFtpServer } from './ftp-srv/myftp-server.ts';
import type { RetentionService } from './retention/retention-service.ts';
import type { ServerServices } from './services/server-services.ts';
import type { RevokedSessions } from './session/revoked-sessions.ts';
import { stopSessions } from './session/stop-sessions.ts';
import type { Resources } from './start/open-resources.ts';

/** A server that is running, with everything that its stop has to close. */
export interface ServerToStop {
  readonly server: MyFtpServer;
  readonly services: ServerServices;
  readonly resources: Resources;
  readonly revoked: RevokedSessions;
  readonly adminSocket: AdminSocket;
  readonly retention: RetentionService;
}

/**
 * Accepts no more clients, lets running transfers end for at most `graceMs`, then closes everything. What is closed
 * later is used by what is closed before.
 */
export async function stopServer(
  { server, services, resources, revoked, adminSocket, retention }: ServerToStop,
  { graceMs }: { readonly graceMs: number },
): Promise<void> {
  const { database, identity } = resources;
  resources.metrics?.setUnready();
  revoked.stop();
  services.publicAddresses.stop();
  identity?.close();
  server.stopListening();
  services.passwordChecker.stop();
  await stopSessions(server.sessions, { graceMs });
  const retentionEnd = retention.stop();
  await adminSocket.close();
  await retentionEnd;
  await resources.metrics?.close();
  await services.partialExpiry.stop();
  await services.trashExpiry.stop();
  await services.unknownUploads.stop();
  await services.recounts.stop();
  await services.crashRecovery.stop();
  await services.hooks.stop();
  await resources.ports.close();
  await resources.workers.close();
  database.setPatience(STOPPING_PATIENCE_MS);
  await services.partialRows.written();
  await services.trashRows.written();
  await services.guardBanRows.close();
  await services.audit.close();
  await settle(services, database);
  await database.close();
  resources.directories.release();
}

/** Cuts all connections at once, and leaves the rest to the end of the process. */
export function stopServerNow({ server, services, retention }: ServerToStop): void {
  services.publicAddresses.stop();
  server.stopListening();
  void retention.stop();
  void services.partialExpiry.stop();
  void services.trashExpiry.stop();
  void services.unknownUploads.stop();
  void services.recounts.stop();
  void services.crashRecovery.stop();
  void services.hooks.stop();
  services.passwordChecker.stop();
  for (const session of server.sessions) session.control.destroy();
}

async function settle(
  { ledger, logs, memberId }: ServerServices,
  database: Database,
): Promise<void> {
  try {
    await ledger.settleAll();
    await new MemberRepository(database.queries).leave(memberId);
  } catch (err) {
    logs.server.error({ err }, 'quotas could not be settled; the next start recounts them');
  }
}

/** Time that a statement of the stop waits while another process has the database locked. */
const STOPPING_PATIENCE_MS = 5000;
