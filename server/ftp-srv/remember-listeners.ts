import type { EventEmitter } from 'node:events';

/** Remembers the listeners of some events. @returns a function that removes those that were added since. */
export function rememberListeners(emitter: EventEmitter, events: readonly string[]): () => void {
  const before = new Map(events.map((event) => [event, emitter.listeners(event)]));
  return () => {
    for (const [event, listeners] of before) {
      const added = emitter.listeners(event).filter((one) => !listeners.includes(one));
      for (const listener of added) emitter.removeListener(event, listener as () => void);
    }
  };
}
