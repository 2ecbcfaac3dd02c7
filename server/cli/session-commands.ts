import * as v from 'valibot';
import { CommandError } from '../errors/command-error.ts';
import type { AdministrationRequest } from './administration.ts';
import { ask, askForActivity, endSession } from './session-requests.ts';
import { reloadText, sessionTable } from './session-views.ts';

type CommandRequest = Pick<AdministrationRequest, 'context' | 'settings' | 'options' | 'args'>;

/** The commands that concern the sessions of the server that runs. */
export const sessionCommands = { who, kick, drain, reload, top: showTop };

/** `myftp-server who`: who is connected, and what they do. */
async function who(request: CommandRequest): Promise<void> {
  const { sessions } = await askForActivity(request.settings.dataDir);
  if (request.options.json === true) writeJson(request, sessions);
  else request.context.stdout.write(sessionTable(sessions));
}

/**
 * `myftp-server kick`: ends a session, or all sessions of a user.
 *
 * @throws CommandError if there is none.
 */
async function kick(request: CommandRequest): Promise<void> {
  const [meant = ''] = request.args;
  const ended = await endSession(request.settings.dataDir, meant);
  if (ended === 0)
    throw new CommandError(`There is no session ${meant}, and no user of that name has one.`);
  if (request.options.json === true) writeJson(request, { ended });
  else
    request.context.stdout.write(ended === 1 ? '1 session ended.\n' : `${ended} sessions ended.\n`);
}

/** `myftp-server drain`: refuses further clients until it is called with `--off`, or the server starts again. */
async function drain(request: CommandRequest): Promise<void> {
  const schema = v.object({ isDraining: v.boolean(), sessions: v.number() });
  const method = request.options.off === true ? 'DELETE' : 'PUT';
  const state = await ask(request.settings.dataDir, schema, { method, path: '/draining' });
  const { isDraining, sessions } = state;
  const what = isDraining ? 'The server refuses further clients.' : 'The server accepts clients.';
  if (request.options.json === true) writeJson(request, state);
  else request.context.stdout.write(`${what} Sessions: ${sessions}.\n`);
}

/**
 * `myftp-server reload`: lets the server read its settings and certificate again.
 *
 * @throws CommandError if one of them cannot be used.
 */
async function reload(request: CommandRequest): Promise<void> {
  const schema = v.object({
    changed: v.array(v.string()),
    needRestart: v.array(v.string()),
    problems: v.array(v.string()),
    certificate: v.picklist(['reloaded', 'kept', 'off']),
  });
  const report = await ask(request.settings.dataDir, schema, { method: 'POST', path: '/reload' });
  if (request.options.json === true) writeJson(request, report);
  else request.context.stdout.write(reloadText(report));
  const { problems } = report;
  if (problems.length > 0) throw new CommandError(`not all was reloaded:\n${problems.join('\n')}`);
}

/** `myftp-server top`: the same as `who`, all the time. */
async function showTop(request: CommandRequest): Promise<void> {
  const { top } = await import('./top/top.ts');
  await top(request);
}

function writeJson({ context }: CommandRequest, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
