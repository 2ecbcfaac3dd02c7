import { TextDecoder } from 'node:util';
import { DataRootRepository } from '../db/data-root-repository.ts';
import { MemberRepository } from '../db/member-repository.ts';
import { AccountRetention } from './admin-socket/account-retention.ts';
import { AccountTrash } from './admin-socket/account-trash.ts';
import { AdminSocket } from './admin-socket/admin-socket.ts';
import { commandTable } from './commands/command-table.ts';
import type { Settings } from './config/settings.ts';
import { MyFtpServer } from './ftp-srv/myftp-server.ts';
import type { Logs } from './logging/logging.ts';
import { buildRetention } from './retention/build-retention.ts';
import { buildServices, type ServerServices } from './services/server-services.ts';
import { RevokedSessions } from './session/revoked-sessions.ts';
import { Session } from './session/session.ts';
import { requirePrograms } from './start/hook-files.ts';
import { openResources, type Resources, type StartOptions } from './start/open-resources.ts';
import { Reloader, type ReloadReport } from './start/reloader.ts';
import {
  type OwnedDirectories,
  takeDirectories as takeOwnDirectories,
} from './start/take-directories.ts';
import { Teardown } from './start/teardown.ts';
import { type ServerToStop, stopServer, stopServerNow } from './stop-server.ts';
import { bootId } from './system/boot-id.ts';
import { unprovenRelease } from './system/node-internals.ts';
import { readVersion } from './version.ts';
import { startWorker } from './workers/start-worker.ts';

/** A server that accepts clients. */
export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Undefined without `--metrics`. */
  readonly metricsPort: number | undefined;
  /** Undefined where TLS is off. */
  readonly tls:
    | {
        readonly fingerprint256: string;
        readonly isSelfSigned: boolean;
        /** Port of implicit TLS; undefined if there is none. */
        readonly implicitPort: number | undefined;
      }
    | undefined;
  /** Reads the certificate again. @throws StartError if it cannot be used; the one before stays. */
  reloadCertificate(): Promise<void>;
  /** Reads settings and certificate again, and resolves the names of `--public-host`. Never fails. */
  reload(trigger: 'SIGHUP' | 'command'): Promise<ReloadReport>;
  /**
   * Accepts no more clients, lets running transfers end for at most `graceMs`, then closes everything. Afterwards
   * nothing of the server keeps the process alive.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** Cuts all connections at once. The next start recounts the quotas of accounts in use. */
  stopNow(): void;
}

/**
 * Makes the directories of the server if they are missing, and takes them for this process alone. Comes
 * before everything else, the logs included.
 *
 * @throws StartError with a sentence that names the setting at fault, or the process that has them.
 */
export function takeDirectories(settings: Settings): Promise<OwnedDirectories> {
  return takeOwnDirectories(settings, { version: readVersion() });
}

/**
 * Builds the server from its parts and starts it. This is the only place that connects them.
 *
 * The order is: ports, certificate, database, sweep, clients. What fails most comes first, and before anything
 * is changed, so that a start that fails costs the next one nothing.
 *
 * @throws StartError with a sentence that names the setting at fault.
 */
export async function startServer({
  now = Date.now,
  startThread = startWorker,
  rereadSettings = () => given.settings,
  ...given
}: StartOptions): Promise<RunningServer> {
  const teardown = new Teardown();
  teardown.add(() => given.directories.release());
  warnOfUnprovenRelease(given.logs);
  try {
    const resources = await openResources({ now, startThread, rereadSettings, ...given }, teardown);
    const services = await buildServices(resources);
    await markStarted(resources, services);
    return await serveClients(services, resources);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

function warnOfUnprovenRelease(logs: Logs): void {
  const facts = unprovenRelease();
  if (facts !== undefined) {
    logs.server.warn(
      facts,
      'untested release of node; uploads use its public interfaces, which are slower',
    );
  }
}

/** Last of all that may fail: what is written here makes a crash from here on noticed. */
async function markStarted(
  { database, settings, now }: Resources,
  { memberId }: ServerServices,
): Promise<void> {
  await new DataRootRepository(database.queries).remember(settings.rootDir, now());
  const member = { id: memberId, bootId: bootId(), version: readVersion(), startedAtMs: now() };
  await new MemberRepository(database.queries).join(member);
}

async function serveClients(
  services: ServerServices,
  resources: Resources,
): Promise<RunningServer> {
  const { settings, logs } = services;
  const { database, controlPorts } = resources;
  const decoding = { fallback: fallbackDecoder(settings) };
  const server = new MyFtpServer({
    host: settings.host,
    controlPorts,
    services,
    log: logs.server,
    newSession: (socket, { tls, inherited }) =>
      new Session(socket, { services, table: commandTable, decoding, tls, inherited }),
  });
  // From now on a statement that waits delays a client.
  database.setPatience(SERVING_PATIENCE_MS);
  await server.listen();
  services.partialExpiry.start();
  services.trashExpiry.start();
  services.unknownUploads.start();
  services.crashRecovery.start();
  services.recounts.start();
  services.hooks.start();
  await resources.metrics?.serve({
    server,
    counts: services.counts,
    version: readVersion(),
    limits: settings,
  });
  const trash = new AccountTrash({ ...services, log: logs.server });
  const retention = buildRetention(services, resources);
  retention.start();
  const revoked = new RevokedSessions({ sessions: server.sessions, services, database });
  const reloader = reloaderOf({ server, services, resources, revoked });
  const { dataDir } = settings;
  const adminSocket = new AdminSocket({
    ...{ dataDir, server, services, reloader, revoked, trash },
    retention: new AccountRetention({ ...services, retention, log: logs.server }),
  });
  await adminSocket.open();
  return runningServer({ server, services, resources, revoked, adminSocket, retention }, reloader);
}

function reloaderOf(
  running: Pick<ServerToStop, 'server' | 'services' | 'resources' | 'revoked'>,
): Reloader {
  const { server, services, resources, revoked } = running;
  return new Reloader({
    ...{ liveSettings: services.liveSettings, logs: services.logs },
    identity: resources.identity,
    rereadSettings() {
      const settings = resources.rereadSettings();
      requirePrograms(settings);
      resources.hookSecret.reread(settings.hookSecret);
      return settings;
    },
    publicAddresses: resources.publicAddresses,
    onChange() {
      const { logLevel } = services.settings;
      for (const { log } of server.sessions) log.level = logLevel;
      revoked.recheck();
      services.hooks.use(services.settings.hooks);
    },
  });
}

function runningServer(running: ServerToStop, reloader: Reloader): RunningServer {
  const { settings } = running.services;
  const { identity, controlPorts } = running.resources;
  return {
    host: settings.host,
    port: controlPorts.port,
    metricsPort: running.resources.metrics?.port,
    tls: identity && {
      get fingerprint256() {
        return identity.identity.certificate.fingerprint256;
      },
      isSelfSigned: identity.isSelfSigned,
      implicitPort: controlPorts.implicitPort,
    },
    async reloadCertificate() {
      await identity?.reload();
    },
    reload: (trigger) => reloader.reload(trigger),
    stop: ({ graceMs = settings.graceMs } = {}) => stopServer(running, { graceMs }),
    stopNow: () => stopServerNow(running),
  };
}

/** Time that a statement waits while another process has the database locked; some callers try again. */
const SERVING_PATIENCE_MS = 250;

function fallbackDecoder({ fallbackEncoding }: Settings): TextDecoder | undefined {
  return fallbackEncoding === undefined ? undefined : new TextDecoder(fallbackEncoding);
}
