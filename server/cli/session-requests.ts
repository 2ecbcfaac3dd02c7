import * as v from 'valibot';
import { type AdminRequest, askServer } from '../admin-socket/ask-server.ts';
import type { ServerActivity } from '../admin-socket/session-facts.ts';

const transfer = v.object({
  verb: v.string(),
  path: v.string(),
  movedBytes: v.number(),
  totalBytes: v.nullable(v.number()),
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

const activity = v.object({
  sessions: v.array(session),
  totals: v.object({ upBytes: v.number(), downBytes: v.number() }),
});

/** @throws CommandError if no server answers, or one that does not know the request. */
export function askForActivity(dataDir: string): Promise<ServerActivity> {
  return ask(dataDir, activity, { method: 'GET', path: '/sessions' });
}

/**
 * Ends a session, or all of a user.
 *
 * @returns the number of sessions.
 * @throws CommandError
 */
export async function endSession(dataDir: string, idOrUsername: string): Promise<number> {
  const path = `/sessions?${new URLSearchParams({ of: idOrUsername })}`;
  return (await ask(dataDir, v.object({ ended: v.number() }), { method: 'DELETE', path })).ended;
}

/** Asks the server, and checks the form of its answer. @throws CommandError */
export async function ask<Schema extends v.GenericSchema>(
  dataDir: string,
  schema: Schema,
  request: AdminRequest,
): Promise<v.InferOutput<Schema>> {
  return v.parse(schema, await askServer(dataDir, request));
}
