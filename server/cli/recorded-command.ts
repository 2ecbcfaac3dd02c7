import { userInfo } from 'node:os';
import { CommandError } from '../errors/command-error.ts';
import { shellWord } from '../logging/shell-word.ts';
import { type AdministrationRequest, administer } from './administration.ts';

/** Commands that change nothing. */
const READING =
  /^(?:user|group|folder|invite|ban|hooks|trash) (?:list|show)$|^hooks test$|^(?:who|top)$/;

/** Commands that show a setting, and change it with one more argument or an option. */
const SHOWING =
  /^(?:root|user (?:quota|cut-uploads|keep-deleted|mode|rights|limits|group|expire|must-change|networks|rate|retention)|group (?:rights|limits|retention))$/;

/** Options that say how a command is done, not what it does. */
const MANNERS = new Set(['json', 'yes', 'passwordStdin', 'data', 'config', 'root']);

type Run = (request: AdministrationRequest) => Promise<void>;

/**
 * Runs a command of the administrator, and writes it into the audit log if it was to change something: with the user of
 * the system who gave it, and why it failed.
 *
 * @param name of the command: `user quota`.
 */
export async function recorded(
  name: string,
  request: AdministrationRequest,
  run: Run,
): Promise<void> {
  if (!isChange(name, request)) return await run(request);
  try {
    await run(request);
  } catch (error) {
    if (error instanceof CommandError)
      await record(name, request, error.message).catch(() => undefined);
    throw error;
  }
  await record(name, request).catch((error: Error) => {
    request.context.stderr.write(`This is not in the audit log: ${error.message}\n`);
  });
}

function isChange(name: string, { args, options }: AdministrationRequest): boolean {
  if (READING.test(name) || options.dryRun === true) return false;
  if (!SHOWING.test(name)) return true;
  const subjects = name === 'root' ? 0 : 1;
  return args.length > subjects || given(options).length > 0;
}

async function record(
  name: string,
  request: AdministrationRequest,
  failure?: string,
): Promise<void> {
  if (request.settings.auditKeepMs === 0) return;
  const { args } = request;
  const username = /^(?:user|trash) /.test(name) ? (args[0] ?? '') : '';
  const done = `${commandText(name, request)}; by ${systemUser(request)}`;
  const reason = failure === undefined ? done : `${done}: ${failure}`;
  const outcome = failure === undefined ? 'ok' : 'failed';
  await administer({ ...request, ifMissing: 'refuse' }, async ({ auditEvents }) => {
    const id = await auditEvents.reserveNumbers(1);
    const event = { id, kind: 'admin', atMs: Date.now(), outcome, reason } as const;
    await auditEvents.save([{ ...event, session: '', address: '', username }], []);
  });
}

/** The command as it could be written. It holds no password: those are never arguments. */
function commandText(name: string, { args, options }: AdministrationRequest): string {
  const written = given(options).flatMap(([option, value]) => {
    const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
  return [name, ...[...args, ...written].map(shellWord)].join(' ');
}

function given(options: AdministrationRequest['options']): readonly [string, unknown][] {
  return Object.entries(options).filter(
    ([option, value]) => value !== undefined && value !== false && !MANNERS.has(option),
  );
}

function systemUser({ context }: AdministrationRequest): string {
  const user = userName();
  const { SUDO_USER: person } = context.environment;
  return person === undefined || person === user ? user : `${person} as ${user}`;
}

/** A user of a container may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.() ?? 'unknown');
  }
}
