import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SettingsReport } from '../config/read-settings.ts';
import type { Settings } from '../config/settings.ts';
import { type Logs, logFiles, openLogs } from '../logging/logging.ts';
import { giveTo } from '../start/process-user.ts';
import type { OwnedDirectories } from '../start/take-directories.ts';
import { readVersion } from '../version.ts';
import type { CommandContext } from './command-context.ts';
import { ProcessEvents } from './process-events.ts';
import { ServiceManager } from './service-manager.ts';
import { ftpUrl, type ServedTls, welcomeText } from './welcome.ts';

/** A full or vanished disk must not keep the process from ending. */
const MAX_LOG_FLUSH_MS = 2000;

const NO_QUOTA = '--quota 0: new accounts can upload nothing; write unlimited if no limit is meant';

interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Undefined where TLS is off. */
  readonly tls: ServedTls | undefined;
  /** Reads settings and certificate again, and resolves the names of `--public-host`; never fails. */
  reload(trigger: 'SIGHUP'): Promise<unknown>;
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  stopNow(): void;
}

/** The part of `compose.ts` that starts a server. */
export interface ServerModule {
  /** @throws StartError */
  takeDirectories(settings: Settings): Promise<OwnedDirectories>;
  /** Releases `directories` when the server has stopped or cannot start. @throws StartError */
  startServer(options: {
    readonly settings: Settings;
    readonly logs: Logs;
    readonly directories: OwnedDirectories;
    readonly rereadSettings: () => Settings;
  }): Promise<RunningServer>;
}

interface ServeDeps {
  readonly report: SettingsReport;
  /** Reads them once more, for a reload. @throws ConfigError */
  readonly rereadSettings: () => Settings;
  readonly context: CommandContext;
  loadServer(): Promise<ServerModule>;
}

/**
 * Starts the server and runs it until the process has to stop.
 *
 * SIGTERM and SIGINT stop it gracefully, a second one at once; SIGUSR1 reopens the logs; SIGHUP reloads settings
 * and certificate, and resolves the names of `--public-host` again. An uncaught error is logged and ends the server.
 *
 * @returns the exit code.
 * @throws StartError
 */
export async function serve({
  report,
  rereadSettings,
  context,
  loadServer,
}: ServeDeps): Promise<number> {
  const { settings } = report;
  const { takeDirectories, startServer } = await loadServer();
  // A second server must not touch the logs of the first either.
  const directories = await takeDirectories(settings);
  const logs = openLogsOf(settings, { context, directories });
  const manager = new ServiceManager({ environment: context.environment, log: logs.server });
  let server: RunningServer | undefined;
  const events = new ProcessEvents({
    signals: context.signals,
    logs,
    // Until it has started, the server has yet to read the certificate, or is just doing so.
    onReloadRequest: () =>
      void starting.then(
        (started) => started.reload('SIGHUP'),
        () => {},
      ),
  });
  const starting = startServer({ settings, logs, directories, rereadSettings });

  const runToTheEnd = async (): Promise<number> => {
    server = await starting;
    logStart(server, logs, settings);
    const { host, port, tls } = server;
    context.stdout.write(welcomeText({ report, host, port, tls }));
    await manager.ready(ftpUrl(host, port));
    const signal = await events.stopRequested;
    logs.server.info({ signal, graceMs: settings.graceMs }, 'stopping');
    void manager.stopping();
    await server.stop({ graceMs: settings.graceMs });
    logs.server.info('stopped');
    return 0;
  };

  try {
    return await Promise.race([runToTheEnd(), events.endRequested.then(() => 1)]);
  } finally {
    if (events.hasToEnd) server?.stopNow();
    await Promise.race([logs.close(), delay(MAX_LOG_FLUSH_MS, undefined, { ref: false })]);
    events.dispose();
  }
}

function logStart(
  { host, port, tls }: RunningServer,
  { server: log }: Logs,
  { quotaBytes }: Settings,
): void {
  const { implicitPort, fingerprint256 } = tls ?? {};
  const { pid } = process;
  log.info({ host, port, implicitPort, fingerprint256, pid, version: readVersion() }, 'listening');
  if (quotaBytes === 0) log.warn(NO_QUOTA);
}

/** The logs outlive the change of user, and are opened again after it (SIGUSR1). */
function openLogsOf(
  { logDir: dir, logLevel: level }: Settings,
  { context, directories }: { context: CommandContext; directories: OwnedDirectories },
): Logs {
  const missing = [dir, ...logFiles(dir)].filter((pathname) => !existsSync(pathname));
  try {
    const logs = openLogs({ dir, level, terminal: context.stderr });
    if (directories.user !== undefined) giveTo(directories.user, missing);
    return logs;
  } catch (error) {
    directories.release();
    throw error;
  }
}
