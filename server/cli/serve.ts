import { setTimeout as delay } from 'node:timers/promises';
import { placeOf } from '../config/setting-source.ts';
import type { Settings, SettingsReport } from '../config.ts';
import { type Logs, openLogs } from '../logging.ts';
import { makeDirectory } from '../make-directory.ts';
import { StartError } from '../start-error.ts';
import type { CommandContext } from './command-context.ts';
import { ProcessEvents } from './process-events.ts';
import { readVersion } from './version.ts';
import { welcomeText } from './welcome.ts';

/** A full or vanished disk must not keep the process from ending. */
const LONGEST_LOG_FLUSH_MS = 2000;

interface RunningServer {
  readonly host: string;
  readonly port: number;
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  stopNow(): void;
}

export type StartServer = (options: {
  readonly settings: Settings;
  readonly logs: Logs;
}) => Promise<RunningServer>;

interface Serving {
  readonly report: SettingsReport;
  readonly context: CommandContext;
  loadServer(): Promise<StartServer>;
}

/**
 * Starts the server and runs it until the process is told to stop.
 *
 * SIGTERM and SIGINT end it gracefully, a second one at once; SIGUSR1 reopens the logs; SIGHUP does
 * nothing yet. An error that nobody caught ends it, too, after it was logged.
 *
 * @returns the exit code.
 * @throws StartError
 */
export async function serve({ report, context, loadServer }: Serving): Promise<number> {
  const { settings } = report;
  if (report.sources.get('log-dir')?.kind === 'default') makeDataDirectory(report);
  const logs = openLogs({
    dir: settings.logDir,
    level: settings.logLevel,
    terminal: context.stderr,
  });
  const events = new ProcessEvents({ signals: context.signals, logs });
  let server: RunningServer | undefined;

  const runToTheEnd = async (): Promise<number> => {
    const startServer = await loadServer();
    server = await startServer({ settings, logs });
    const { host, port } = server;
    logs.server.info({ host, port, pid: process.pid, version: readVersion() }, 'listening');
    context.stdout.write(welcomeText({ report, host, port }));
    const signal = await events.stopRequested;
    logs.server.info({ signal, graceMs: settings.graceMs }, 'stopping');
    await server.stop({ graceMs: settings.graceMs });
    logs.server.info('stopped');
    return 0;
  };

  try {
    return await Promise.race([runToTheEnd(), events.endRequested.then(() => 1)]);
  } finally {
    if (events.hasToEnd) server?.stopNow();
    await Promise.race([logs.close(), delay(LONGEST_LOG_FLUSH_MS, undefined, { ref: false })]);
    events.dispose();
  }
}

/** The logs lie in it then; a fault should name the setting that the user knows of. */
function makeDataDirectory({ settings, sources }: SettingsReport): void {
  try {
    makeDirectory(settings.dataDir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const place = placeOf(sources.get('data') ?? { kind: 'default' }, 'data');
    throw new StartError(
      `${place}: cannot make the directory ${settings.dataDir} (${code}). Choose one that the server may write to.`,
      { exitCode: 78, cause: error },
    );
  }
}
