import { Trash } from '../trash/trash.ts';

/** The trash of an account that keeps nothing. */
export function noTrash(): Trash {
  return new Trash({
    accountId: 7,
    directory: '/nonexistent',
    known: [],
    rows: { save: async () => true, remove: async () => {} },
    isCharging: true,
    now: Date.now,
    defaultKeepMs: () => 0,
    refund: () => {},
    onError: () => {},
  });
}
