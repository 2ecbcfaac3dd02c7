import * as v from 'valibot';
import { type AdminRequest, askServer } from '../admin-socket/ask-server.ts';
import { CommandError } from '../errors/command-error.ts';
import type { AdministrationRequest } from './administration.ts';
import { reloadText, sessionTable } from './session-views.ts';

type CommandRequest = Pick<AdministrationRequest, 'context' | 'settings' | 'options' | 'args'>;

const transfer = v.object({
  verb: v.string(),
  path: v.string(),
  movedBytes: v.number(),
  durationMs: v.number(),
});

const session = v.object({
  id: v.string(),
  username: v.nullable(v.string()),
  address: v.string(),
  client: v.nullable(v.string()),
  isEncrypted: v.boolean(),
  since: v.string(),
  idleMs: v.number(),
  transfer: v.nullable(transfer),
});

/** The commands that concern the sessions of the server that runs. */
export const sessionCommands = { who, kick, drain, reload };

/** `myftp-server who`: who is connected, and what they do. */
async function who(request: CommandRequest): Promise<void> {
  const schema = v.object({ sessions: v.array(session) });
  const { sessions } = await ask(request, schema, { method: 'GET', path: '/sessions' });
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
  const { ended } = await ask(request, v.object({ ended: v.number() }), {
    method: 'DELETE',
    path: `/sessions?${new URLSearchParams({ of: meant })}`,
  });
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
  const state = await ask(request, schema, { method, path: '/draining' });
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
  const report = await ask(request, schema, { method: 'POST', path: '/reload' });
  if (request.options.json === true) writeJson(request, report);
  else request.context.stdout.write(reloadText(report));
  const { problems } = report;
  if (problems.length > 0) throw new CommandError(`not all was reloaded:\n${problems.join('\n')}`);
}

async function ask<Schema extends v.GenericSchema>(
  { settings }: CommandRequest,
  schema: Schema,
  request: AdminRequest,
): Promise<v.InferOutput<Schema>> {
  return v.parse(schema, await askServer(settings.dataDir, request));
}

function writeJson({ context }: CommandRequest, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
