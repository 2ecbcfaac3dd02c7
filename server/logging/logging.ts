import path from 'node:path';
import { type DestinationStream, type Logger, multistream, pino, stdTimeFunctions } from 'pino';
import { StartError } from '../errors/start-error.ts';
import { LogFile } from './log-file.ts';
import { printable } from './printable.ts';
import { HIDDEN, hideSecrets, SECRET_FIELDS } from './secrets.ts';
import { terminalLines } from './terminal-lines.ts';

const LOG_NAMES = ['server', 'connections', 'logins', 'signups', 'transfers'] as const;
type LogName = (typeof LOG_NAMES)[number];

/** Levels with too many lines for a terminal, except for debugging. */
const BUSY_LOGS: readonly LogName[] = ['connections', 'transfers'];

/** The server's logs, one file each. A line costs microseconds; it is on disk a moment later. */
export interface Logs extends Readonly<Record<LogName, Logger>> {
  /** Goes on in new files, after the old ones were renamed (log rotation). */
  reopen(): void;
  /** Sets the lowest level that is logged. Child loggers keep the one that they were made with. */
  setLevel(level: LogOptions['level']): void;
  /** Writes what is not yet on disk. Lines that come later are lost. */
  close(): Promise<void>;
}

interface LogOptions {
  /** Made if missing; the files are `server.log`, `connections.log` and so on. */
  readonly dir: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stream for people; undefined for none. */
  readonly terminal: NodeJS.WritableStream | undefined;
}

/**
 * Opens the log files for appending.
 *
 * @throws StartError if the directory does not let itself be written to.
 */
export function openLogs({ dir, level, terminal }: LogOptions): Logs {
  const files = openFiles(dir, (failure) => {
    loggers.server.error(
      { file: failure.path, err: failure.error },
      'log file does not take lines; they are kept for a while',
    );
  });
  const readable = terminal && terminalLines(terminal);
  const loggers = eachLog((name) => {
    const file = printableLines(files[name]);
    const isShown = readable && (level === 'debug' || !BUSY_LOGS.includes(name));
    return loggerTo(isShown ? both(file, readable) : file, level);
  });
  return {
    ...loggers,
    reopen: () => {
      for (const name of LOG_NAMES) files[name].reopen();
    },
    setLevel: (lowest) => {
      for (const name of LOG_NAMES) loggers[name].level = lowest;
    },
    close: async () => {
      await Promise.all(LOG_NAMES.map((name) => files[name].close()));
    },
  };
}

/** Logs that keep nothing, for tests and for commands that end at once. */
export function silentLogs(): Logs {
  const silent = pino({ level: 'silent' });
  return { ...eachLog(() => silent), reopen: () => {}, setLevel: () => {}, close: async () => {} };
}

function openFiles(
  dir: string,
  onFailure: ConstructorParameters<typeof LogFile>[0]['onFailure'],
): Record<LogName, LogFile> {
  try {
    return eachLog((name) => new LogFile({ path: fileOf(dir, name), onFailure }));
  } catch (error) {
    const { code, path: where = dir } = error as NodeJS.ErrnoException;
    throw new StartError(
      `--log-dir: cannot write the logs in ${dir} (${code}: ${where}). Choose a directory that the server may write to.`,
      { exitCode: 78, cause: error },
    );
  }
}

/** The paths of all logs. */
export function logFiles(dir: string): readonly string[] {
  return LOG_NAMES.map((name) => fileOf(dir, name));
}

function fileOf(dir: string, name: LogName): string {
  return path.join(dir, `${name}.log`);
}

function loggerTo(destination: DestinationStream, level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => hideSecrets(fields),
      },
      // For the fields of child loggers, which the formatter above does not see.
      redact: { paths: [...SECRET_FIELDS], censor: HIDDEN },
    },
    destination,
  );
}

/** pino escapes the control characters of ASCII alone. */
function printableLines(file: LogFile): DestinationStream {
  return { write: (line) => file.write(`${printable(line.trimEnd())}\n`) };
}

function both(file: DestinationStream, readable: DestinationStream): DestinationStream {
  return multistream([
    { stream: file, level: 'trace' },
    { stream: readable, level: 'trace' },
  ]);
}

function eachLog<Value>(make: (name: LogName) => Value): Record<LogName, Value> {
  return {
    server: make('server'),
    connections: make('connections'),
    logins: make('logins'),
    signups: make('signups'),
    transfers: make('transfers'),
  };
}
