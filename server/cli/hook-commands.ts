import { randomUUID } from 'node:crypto';
import type { HookDelivery } from '../../db/hook-repository.ts';
import { CommandError } from '../errors/command-error.ts';
import type { Hook } from '../hooks/hook.ts';
import type { HookEvent } from '../hooks/hook-event.ts';
import { targetText } from '../hooks/hook-target.ts';
import { runHook } from '../hooks/run-hook.ts';
import { printable } from '../logging/printable.ts';
import { inThisProcess } from '../programs/run-program.ts';
import { readHookSecret } from '../start/hook-files.ts';
import { isoTime } from './account-views.ts';
import type { HookVerb } from './actions.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { momentText, textTable } from './text-table.ts';

const MAX_LISTED = 1000;

type HookCommand = (request: AdministrationRequest) => Promise<void>;

/** Runs `myftp-server hooks <verb>`. */
export const hookCommands: Readonly<Record<HookVerb, HookCommand>> = {
  list: listDeliveries,
  retry: retryDeliveries,
  test: testHooks,
};

/** Shows what hooks have not taken yet. */
async function listDeliveries(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const deliveries = await administer({ ...request, ifMissing: 'refuse' }, ({ hooks }) =>
    hooks.list(MAX_LISTED),
  );
  if (options.json === true)
    context.stdout.write(`${JSON.stringify(deliveries.map(deliveryJson), undefined, 2)}\n`);
  else if (deliveries.length > 0) context.stdout.write(deliveryTable(deliveries));
  else context.stdout.write('No events wait for hooks.\n');
}

async function retryDeliveries(request: AdministrationRequest): Promise<void> {
  const ids = request.args.map(idIn);
  const count = await administer({ ...request, ifMissing: 'refuse' }, ({ hooks }) =>
    hooks.retry(Date.now(), ids.length === 0 ? undefined : ids),
  );
  if (count < ids.length) throw new CommandError(missing(ids.length - count));
  const events = count === 1 ? '1 event is' : `${count} events are`;
  request.context.stdout.write(`${events} due now; a running server delivers in a second.\n`);
}

/** Tells each hook of an event `test` at once, as this user and not as the server's. */
async function testHooks({ context, settings }: AdministrationRequest): Promise<void> {
  const { hooks, hookTimeoutMs: timeoutMs } = settings;
  if (hooks.length === 0) throw new CommandError('--hook: there are no hooks in the settings.');
  const secret = readHookSecret(settings.hookSecret);
  let failures = 0;
  for (const { target } of hooks) {
    const failure = await failureOf(target, { secret, timeoutMs });
    if (failure !== undefined) failures += 1;
    context.stdout.write(`${targetText(target)}: ${failure ?? 'ok'}\n`);
  }
  if (failures > 0) throw new CommandError(`${failures} of ${hooks.length} hooks failed.`);
}

async function failureOf(
  target: Hook['target'],
  options: { readonly secret: string; readonly timeoutMs: number },
): Promise<string | undefined> {
  const nowMs = Date.now();
  const stop = new AbortController().signal;
  try {
    const event = testEvent(nowMs);
    const programs = inThisProcess;
    await runHook(target, { ...options, event, file: undefined, nowMs, stop, programs });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function testEvent(nowMs: number): HookEvent {
  const at = new Date(nowMs).toISOString();
  return { id: randomUUID(), event: 'test', at, username: '', address: '', session: '' };
}

function deliveryTable(deliveries: readonly HookDelivery[]): string {
  return textTable(
    ['ID', 'EVENT', 'USER', 'PATH', 'ATTEMPTS', 'NEXT', 'HOOK', 'LAST ERROR'],
    deliveries.map(({ id, hook, event: text, attempts, nextAtMs, lastError }) => {
      const { event, username, path } = JSON.parse(text) as HookEvent;
      return [
        String(id),
        event,
        printable(username),
        printable(path ?? '-'),
        String(attempts),
        momentText(nextAtMs),
        printable(hook),
        printable(lastError ?? '-'),
      ];
    }),
  );
}

/** Times are ISO 8601 in UTC; a next attempt of `null` is never. */
function deliveryJson({ id, hook, event, attempts, ...delivery }: HookDelivery) {
  return {
    id,
    hook,
    event: JSON.parse(event) as unknown,
    attempts,
    nextAttempt: isoTime(delivery.nextAtMs),
    lastError: delivery.lastError ?? null,
    createdAt: isoTime(delivery.createdAtMs),
  };
}

function idIn(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(
    `${JSON.stringify(text)} is not the number of an event. See myftp-server hooks list.`,
  );
}

function missing(count: number): string {
  return count === 1
    ? 'One of these events no longer waits. See myftp-server hooks list.'
    : `${count} of these events no longer wait. See myftp-server hooks list.`;
}
