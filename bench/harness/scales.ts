import { GIB, MIB } from './format.ts';
import type { Scale } from './question.ts';

/** What the figures in README.md are measured with. */
export const fullScale: Scale = {
  bulkBytes: GIB,
  tlsBulkBytes: 512 * MIB,
  smallFiles: 1000,
  tree: { directories: 1000, filesEach: 100 },
  listedEntries: 10_000,
  listings: 20,
  idleSessions: { few: 200, many: 1000 },
  stalled: { clients: 1000, entries: 100_000 },
  logins: 1000,
  floodMs: 3000,
  limitMs: 5000,
  settleMs: 2000,
};

/** Shows within a minute that everything works; the figures mean little. */
export const quickScale: Scale = {
  bulkBytes: 64 * MIB,
  tlsBulkBytes: 64 * MIB,
  smallFiles: 100,
  tree: { directories: 100, filesEach: 10 },
  listedEntries: 1000,
  listings: 3,
  idleSessions: { few: 40, many: 100 },
  stalled: { clients: 100, entries: 1000 },
  logins: 100,
  floodMs: 300,
  limitMs: 1000,
  settleMs: 200,
};
