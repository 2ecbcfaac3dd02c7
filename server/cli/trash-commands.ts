import * as v from 'valibot';
import { type AdminRequest, askServer } from '../admin-socket/ask-server.ts';
import { describeSize } from '../config/units.ts';
import { CommandError } from '../errors/command-error.ts';
import { printable } from '../logging/printable.ts';
import type { TrashVerb } from './actions.ts';
import type { AdministrationRequest } from './administration.ts';
import { confirm } from './questions.ts';
import { momentText, textTable } from './text-table.ts';

type CommandRequest = Pick<AdministrationRequest, 'context' | 'settings' | 'options' | 'args'>;

/** To drop 10,000 files takes a slow disk this long. */
const ANSWER_TIMEOUT_MS = 120_000;

const item = v.object({
  id: v.string(),
  path: v.string(),
  kind: v.picklist(['file', 'directory', 'other']),
  reason: v.picklist(['deleted', 'replaced']),
  sizeBytes: v.number(),
  isCharged: v.boolean(),
  deletedAt: v.string(),
  expiresAt: v.string(),
});

/** `myftp-server trash`: the trash of an account, on the server that runs. */
export const trashCommands: Readonly<
  Record<TrashVerb, (request: CommandRequest) => Promise<void>>
> = { list, restore, empty };

async function list(request: CommandRequest): Promise<void> {
  const schema = v.object({ items: v.array(item) });
  const { items } = await ask(request, schema, { method: 'GET', path: '/trash' });
  if (request.options.json === true) writeJson(request, items);
  else request.context.stdout.write(itemTable(items));
}

async function restore(request: CommandRequest): Promise<void> {
  const [, id = '', to] = request.args;
  const query = { id, ...(to !== undefined && { to }) };
  const schema = v.object({ path: v.string() });
  const restored = await ask(request, schema, { method: 'PUT', path: '/trash', query });
  if (request.options.json === true) writeJson(request, restored);
  else request.context.stdout.write(`Restored ${printable(restored.path)}.\n`);
}

async function empty(request: CommandRequest): Promise<void> {
  const { context, options, args } = request;
  const question = `Delete all that is in the trash of ${args[0]} for good?`;
  if (options.yes !== true && !(await confirm(context, question))) {
    throw new CommandError('Nothing was deleted.');
  }
  const schema = v.object({ items: v.number(), bytes: v.number() });
  const emptied = await ask(request, schema, { method: 'DELETE', path: '/trash' });
  if (options.json === true) return writeJson(request, emptied);
  const items = emptied.items === 1 ? '1 item' : `${emptied.items} items`;
  context.stdout.write(`Deleted ${items} (${describeSize(emptied.bytes)}) for good.\n`);
}

/** The last one first, as users look for what they have just deleted. */
function itemTable(items: readonly v.InferOutput<typeof item>[]): string {
  if (items.length === 0) return 'The trash is empty.\n';
  return textTable(
    ['ID', 'DELETED', 'UNTIL', 'SIZE', 'PATH'],
    items
      .toReversed()
      .map(({ id, deletedAt, expiresAt, kind, reason, sizeBytes, path }) => [
        id,
        momentText(Date.parse(deletedAt)),
        momentText(Date.parse(expiresAt)),
        kind === 'directory' ? 'directory' : describeSize(sizeBytes),
        `${printable(path)}${reason === 'replaced' ? ' (replaced)' : ''}`,
      ]),
  );
}

interface Question extends Pick<AdminRequest, 'method' | 'path'> {
  readonly query?: Readonly<Record<string, string>>;
}

/** @throws CommandError with the problem that the server reports. */
async function ask<Schema extends v.GenericSchema>(
  { settings, args: [of = ''] }: CommandRequest,
  schema: Schema,
  { method, path, query }: Question,
): Promise<v.InferOutput<Schema>> {
  const answer = await askServer(settings.dataDir, {
    method,
    path: `${path}?${new URLSearchParams({ of, ...query })}`,
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  const { problem } = v.parse(v.object({ problem: v.optional(v.string()) }), answer);
  if (problem !== undefined) throw new CommandError(problem);
  return v.parse(schema, answer);
}

function writeJson({ context }: CommandRequest, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
