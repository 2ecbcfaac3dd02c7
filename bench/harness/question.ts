import type { Client } from './client.ts';
import type { RunningServer } from './running-server.ts';
import type { Certificate } from './server-kind.ts';

/** How much is measured; `--quick` makes everything small. */
export interface Scale {
  readonly bulkBytes: number;
  readonly tlsBulkBytes: number;
  readonly smallFiles: number;
  readonly tree: { readonly directories: number; readonly filesEach: number };
  readonly listedEntries: number;
  readonly listings: number;
  readonly idleSessions: { readonly few: number; readonly many: number };
  readonly stalled: { readonly clients: number; readonly entries: number };
  readonly logins: number;
  /** Length of one flood. */
  readonly floodMs: number;
  /** A slow server is given so long per measurement; rates are of what it managed by then. */
  readonly limitMs: number;
  /** Between the last login and the look at the memory. */
  readonly settleMs: number;
}

/** What a measurement has at hand. */
export interface Bench {
  readonly scale: Scale;
  readonly server: RunningServer;
  /** What the server shows; undefined for questions in clear. */
  readonly certificate: Certificate | undefined;
  /** A directory for files that all servers share by hard links. */
  readonly sourcesPath: string;
  startClient(...args: readonly (string | number)[]): Client;
  /** Starts `flood.c`; its conversation is that of the client. */
  startFlood(...args: readonly (string | number)[]): Client;
}

/** What is reported of a measurement; the first column is what servers are compared by. */
export interface Column {
  readonly title: string;
  readonly fractionDigits: number;
}

/** One number per column; undefined if the server lacks what is asked for. */
export type Sample = readonly number[] | undefined;

/** One table: the same thing asked of each server, in turns. */
export interface Scenario {
  readonly title: string;
  readonly columns: readonly [Column, ...Column[]];
  readonly better: 'more' | 'less';
  measure(bench: Bench): Promise<Sample>;
}

/** What one file of the bench asks. */
export interface Question {
  readonly name: string;
  /** Over TLS the control connections and the data connections are private. */
  readonly isOverTls: boolean;
  /** `round` starts a new server for each measurement. */
  readonly freshServerPer: 'question' | 'round';
  /** Rounds before those that count: a server that has been running for a while is what matters. */
  readonly warmUpRounds: number;
  scenarios(scale: Scale): readonly Scenario[];
  /** Puts files into the server's root, before its first measurement. */
  furnish(bench: Bench): void;
}
