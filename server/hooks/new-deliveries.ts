import { randomUUID } from 'node:crypto';
import type { NewHookDelivery } from '../../db/hook-repository.ts';
import { formatHook, type Hook, type HookEventName } from './hook.ts';
import type { HookEvent } from './hook-event.ts';

export type NewHookEvent = Omit<HookEvent, 'id' | 'at' | 'event'> & {
  readonly event: HookEventName;
};

/** The event as hooks get it. */
export function eventText(event: NewHookEvent, nowMs: number): string {
  return JSON.stringify({ id: randomUUID(), at: new Date(nowMs).toISOString(), ...event });
}

/** What the hooks that are told of an event have still to be told. */
export function deliveriesOf(
  event: NewHookEvent,
  hooks: readonly Hook[],
  nowMs: number,
): readonly NewHookDelivery[] {
  const text = eventText(event, nowMs);
  return hooks
    .filter(({ events }) => events.includes(event.event))
    .map((hook) => ({ hook: formatHook(hook), event: text, createdAtMs: nowMs }));
}
