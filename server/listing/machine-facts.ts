import type { FileFacts } from './file-facts.ts';

/** The facts that MLSD and MLST can tell, in the order in which they are sent (RFC 3659 §7.5). */
export const MACHINE_FACTS = ['type', 'size', 'modify', 'perm', 'unique', 'UNIX.mode'] as const;

/** One of the facts that MLSD and MLST can tell. */
export type MachineFact = (typeof MACHINE_FACTS)[number];

/** What an entry of MLSD or MLST depends on besides the file. */
export interface MachineFactsOptions {
  readonly canWrite: boolean;
  /** The facts that the client wants (OPTS MLST); all if left out. */
  readonly selected?: readonly MachineFact[];
  /** Set for the listed directory itself (RFC 3659 §7.5.1.2). */
  readonly isListedDirectory?: boolean;
}

/**
 * One entry of MLSD or MLST: the facts, a space and the name, without a line end (RFC 3659 §7.2).
 *
 * CR and LF in the name become `?`, because they would end the line.
 */
export function machineFacts(_facts: FileFacts, _options: MachineFactsOptions): string {
  throw new Error('not built yet');
}

/** A time as `YYYYMMDDHHMMSS` in UTC (RFC 3659 §2.3). */
export function machineTime(_timeMs: number): string {
  throw new Error('not built yet');
}

/**
 * Reads `YYYYMMDDHHMMSS` with an optional fraction of a second (RFC 3659 §2.3).
 *
 * @returns milliseconds since 1970, or undefined if the text is not a time.
 */
export function parseMachineTime(_text: string): number | undefined {
  throw new Error('not built yet');
}
